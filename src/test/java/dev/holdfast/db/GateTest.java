package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {

    private final Gate gate = new Gate();
    private final List<Waiter> late = new ArrayList<>();

    @Test
    void servesInTheOrderOfComing() {
        FakeWaiter a = add("p", 10);
        FakeWaiter b = add("q", 10);

        assertThat(gate.first()).isSameAs(a);
        assertThat(gate.at(1)).isSameAs(b);
        assertThat(gate.poll(0, late::add)).isSameAs(a);
        assertThat(gate.poll(0, late::add)).isSameAs(b);
        assertThat(gate.poll(0, late::add)).isNull();
        assertThat(late).isEmpty();
    }

    @Test
    void passesOverWhoeverRanOutOfTime() {
        FakeWaiter a = add("p", 5);
        FakeWaiter b = add("p", 6);

        assertThat(gate.poll(5, late::add)).isSameAs(b);
        assertThat(late).containsExactly(a);
        assertThat(gate.size()).isZero();
    }

    @Test
    void aWaiterCanLeaveFromTheMiddleOnce() {
        add("p", 10);
        FakeWaiter b = add("q", 10);
        add("p", 10);

        assertThat(gate.remove(b)).isTrue();
        assertThat(gate.remove(b)).isFalse();
        assertThat(gate.size()).isEqualTo(2);
        assertThat(gate.byProject()).containsOnlyKeys("p").containsEntry("p", 2);
    }

    @Test
    void countsByProjectAndForgetsProjectsWithNobodyLeft() {
        add("p", 10);
        FakeWaiter q = add("q", 10);
        assertThat(gate.byProject()).containsEntry("p", 1).containsEntry("q", 1);

        gate.remove(q);
        gate.poll(10, late::add);

        assertThat(gate.byProject()).isEmpty();
    }

    private FakeWaiter add(String project, long givesUpAt) {
        FakeWaiter waiter = new FakeWaiter(new Ticket(project, new Deadline(0)), null);
        waiter.givesUpAt = givesUpAt;
        gate.add(waiter);
        return waiter;
    }
}
