package dev.holdfast.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.conversations.Conversation;
import com.openai.models.conversations.ConversationCreateParams;
import com.openai.models.conversations.ConversationUpdateParams;
import com.openai.models.conversations.items.ConversationItem;
import com.openai.models.conversations.items.ConversationItemList;
import com.openai.models.conversations.items.ItemCreateParams;
import com.openai.models.conversations.items.ItemDeleteParams;
import com.openai.models.conversations.items.ItemListParams;
import com.openai.models.conversations.items.ItemRetrieveParams;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseInputItem;
import dev.holdfast.testkit.Api;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's own client for Java, with its validation of answers on, knows nothing but our base URL. */
@QuarkusTest
class OpenAiClientTest {

    @TestHTTPResource("/v1")
    URI baseUrl;

    private OpenAIClient client;

    @BeforeEach
    void connect() {
        client = client(Api.KEY);
    }

    private OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(baseUrl.toString())
                .apiKey(key)
                .responseValidation(true)
                .build();
    }

    private static EasyInputMessage message(String text) {
        return EasyInputMessage.builder()
                .role(EasyInputMessage.Role.USER)
                .content(text)
                .build();
    }

    @Test
    void conversationsAreMadeReadUpdatedAndDeleted() {
        Conversation made = client.conversations()
                .create(ConversationCreateParams.builder()
                        .metadata(ConversationCreateParams.Metadata.builder()
                                .putAdditionalProperty("topic", JsonValue.from("demo"))
                                .build())
                        .addItem(message("hello"))
                        .build());
        assertThat(client.conversations().retrieve(made.id())).isEqualTo(made);

        Conversation updated = client.conversations()
                .update(
                        made.id(),
                        ConversationUpdateParams.builder()
                                .metadata(ConversationUpdateParams.Metadata.builder()
                                        .putAdditionalProperty("topic", JsonValue.from("other"))
                                        .build())
                                .build());
        assertThat(updated._metadata().toString()).contains("other");

        assertThat(client.conversations().delete(made.id()).deleted()).isTrue();
        assertThatThrownBy(() -> client.conversations().retrieve(made.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void autoPagingGivesEveryItemOnceInBothOrders() {
        String id = client.conversations().create().id();
        List<String> sent = new ArrayList<>();
        for (int batch = 0; batch < 13; batch++) {
            List<ResponseInputItem> items = new ArrayList<>();
            for (int i = 0; i < 20 && sent.size() < 250; i++) {
                String text = "item " + sent.size();
                sent.add(text);
                items.add(ResponseInputItem.ofEasyInputMessage(message(text)));
            }
            ConversationItemList list = client.conversations()
                    .items()
                    .create(id, ItemCreateParams.builder().items(items).build());
            assertThat(list.data()).hasSize(items.size());
        }
        assertThat(texts(id, ItemListParams.Order.ASC)).isEqualTo(sent);
        Collections.reverse(sent);
        assertThat(texts(id, ItemListParams.Order.DESC)).isEqualTo(sent);
    }

    private List<String> texts(String id, ItemListParams.Order order) {
        List<String> texts = new ArrayList<>();
        for (ConversationItem item : client.conversations()
                .items()
                .list(id, ItemListParams.builder().order(order).build())
                .autoPager()) {
            item.validate();
            texts.add(item.asMessage().content().get(0).asInputText().text());
        }
        return texts;
    }

    @Test
    void itemsOfOtherTypesAreReadBackAndDeleted() {
        String id = client.conversations().create().id();
        ConversationItemList made = client.conversations()
                .items()
                .create(
                        id,
                        ItemCreateParams.builder()
                                .addItem(ResponseFunctionToolCall.builder()
                                        .callId("call_1")
                                        .name("weather")
                                        .arguments("{\"city\":\"Graz\"}")
                                        .build())
                                .addItem(ResponseInputItem.FunctionCallOutput.builder()
                                        .callId("call_1")
                                        .output("12 °C")
                                        .build())
                                .build());
        made.data().forEach(ConversationItem::validate);
        String call = made.data().get(0).asFunctionCall().id().orElseThrow();
        ConversationItem read = client.conversations()
                .items()
                .retrieve(ItemRetrieveParams.builder()
                        .conversationId(id)
                        .itemId(call)
                        .build());
        assertThat(read.asFunctionCall().arguments()).isEqualTo("{\"city\":\"Graz\"}");

        Conversation left = client.conversations()
                .items()
                .delete(ItemDeleteParams.builder()
                        .conversationId(id)
                        .itemId(call)
                        .build());
        assertThat(left.id()).isEqualTo(id);
        assertThat(client.conversations().items().list(id).items()).hasSize(1);
    }

    @Test
    void theClientSeesOurErrorsAsOpenAisOwn() {
        assertThatThrownBy(
                        () -> client("wrong-key-of-some-length").conversations().create())
                .isInstanceOf(UnauthorizedException.class);
        String id = client.conversations().create().id();
        assertThatThrownBy(() -> client.conversations()
                        .items()
                        .list(id, ItemListParams.builder().limit(0).build()))
                .isInstanceOfSatisfying(
                        BadRequestException.class, e -> assertThat(e.param()).hasValue("limit"));
    }
}
