package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SortableIdTest {

    @Test
    void idIsThePrefixThenTwelveDigitsOfTimeThenTwentyEightOfRandomness() {
        assertThat(SortableId.next("msg_", 0x0123456789abL)).matches("msg_0123456789ab[0-9a-f]{28}");
    }

    @Test
    void idsOfOneMillisecondDifferAcrossThreads() {
        Set<String> ids = ConcurrentHashMap.newKeySet();
        IntStream.range(0, 100_000).parallel().forEach(i -> ids.add(SortableId.next("", 1)));
        assertThat(ids).hasSize(100_000);
    }

    @Test
    void anIdOfOnePrefixIsNoneOfAnother() {
        String id = SortableId.next("msg_", 1);

        assertThat(SortableId.is("msg_", id)).isTrue();
        assertThat(SortableId.is("conv_", id)).isFalse();
    }
}
