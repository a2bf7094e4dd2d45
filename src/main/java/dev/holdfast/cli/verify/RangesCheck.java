package dev.holdfast.cli.verify;

import dev.holdfast.conversation.ConversationConfig;
import dev.holdfast.db.DbConfig;
import dev.holdfast.http.HttpConfig;
import dev.holdfast.identity.IdentityConfig;
import dev.holdfast.inbox.InboxConfig;
import dev.holdfast.llmconfig.LlmConfigSettings;
import dev.holdfast.llmconfig.probe.ProbeConfig;
import dev.holdfast.memory.McpConfig;
import dev.holdfast.sealing.SealingSettings;
import java.util.List;
import java.util.stream.Stream;

/** What the packages say of their own settings. */
final class RangesCheck implements Check {

    @Override
    public String name() {
        return "ranges";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Settings settings = subject.settings();
        Stream.of(
                        DbConfig.outOfRange(subject.db()),
                        HttpConfig.outOfRange(settings.mapping(HttpConfig.class)),
                        IdentityConfig.outOfRange(settings.mapping(IdentityConfig.class)),
                        ConversationConfig.outOfRange(settings.mapping(ConversationConfig.class)),
                        LlmConfigSettings.outOfRange(settings.mapping(LlmConfigSettings.class)),
                        McpConfig.outOfRange(settings.mapping(McpConfig.class)),
                        ProbeConfig.outOfRange(settings.mapping(ProbeConfig.class)),
                        InboxConfig.outOfRange(settings.mapping(InboxConfig.class)),
                        SealingSettings.outOfRange(settings.mapping(SealingSettings.class)))
                .flatMap(List::stream)
                .forEach(bad -> findings.error(subject.key(bad.setting()), Finding.withoutStop(bad.why()), ""));
    }
}
