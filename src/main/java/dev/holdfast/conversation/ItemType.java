package dev.holdfast.conversation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an item of one type gets that its client may leave out. OpenAI's specification lets clients leave out more than
 * it lets the answer lack; this table is the difference between its {@code InputItem} and its {@code ConversationItem}.
 * Types that aren't in it, and unknown ones, get an {@code id} and nothing else.
 *
 * @param prefix what an id made here begins with, as in OpenAI's own
 * @param nested the field whose objects have a table of their own, {@link #partRequires}, or null
 * @param requires the fields that the answer must have, beside {@code id}, with the values given where they are missing
 */
record ItemType(String prefix, @Nullable String nested, List<Required> requires) {

    /** A field that must be there; {@code json} is its value where it is missing, or null where null isn't allowed. */
    record Required(String name, String json) {

        boolean mayBeNull() {
            return json.equals("null");
        }
    }

    static final String MESSAGE = "message";
    static final String REFERENCE = "item_reference";
    static final String CONTENT = "content";
    static final String OUTPUT = "output";
    static final String ACTION = "action";

    private static final Required COMPLETED = new Required("status", "\"completed\"");
    private static final ItemType UNKNOWN = of("item_");

    private static final Map<String, ItemType> TYPES = Map.ofEntries(
            Map.entry(MESSAGE, of("msg_", CONTENT, new Required("type", "\"message\""), COMPLETED)),
            Map.entry("function_call", of("fc_", null, COMPLETED)),
            Map.entry("function_call_output", of("fco_", OUTPUT, COMPLETED)),
            Map.entry("custom_tool_call", of("ctc_")),
            Map.entry("custom_tool_call_output", of("ctco_", OUTPUT)),
            Map.entry("reasoning", of("rs_")),
            Map.entry("compaction", of("cmp_")),
            Map.entry("web_search_call", of("ws_")),
            Map.entry("file_search_call", of("fs_")),
            Map.entry("image_generation_call", of("ig_")),
            Map.entry("code_interpreter_call", of("ci_")),
            Map.entry("computer_call", of("cu_")),
            Map.entry("computer_call_output", of("cuo_", null, COMPLETED)),
            Map.entry("tool_search_call", of("tsc_", null, nullable("call_id"), execution(), COMPLETED)),
            Map.entry("tool_search_output", of("tso_", null, nullable("call_id"), execution(), COMPLETED)),
            Map.entry("additional_tools", of("at_")),
            Map.entry("program", of("cm_")),
            Map.entry("program_output", of("cmo_")),
            Map.entry("local_shell_call", of("lsh_")),
            Map.entry("local_shell_call_output", of("lsho_")),
            Map.entry("shell_call", of("sh_", ACTION, COMPLETED, nullable("environment"))),
            Map.entry("shell_call_output", of("sho_", null, COMPLETED, nullable("max_output_length"))),
            Map.entry("apply_patch_call", of("apc_")),
            Map.entry("apply_patch_call_output", of("apco_")),
            Map.entry("mcp_call", of("mcp_")),
            Map.entry("mcp_list_tools", of("mcpl_")),
            Map.entry("mcp_approval_request", of("mcpr_")),
            Map.entry("mcp_approval_response", of("mcprs_")));

    private static final List<Required> OUTPUT_TEXT =
            List.of(new Required("annotations", "[]"), new Required("logprobs", "[]"));
    private static final List<Required> INPUT_IMAGE = List.of(new Required("detail", "\"auto\""));
    private static final List<Required> SHELL_ACTION = List.of(nullable("timeout_ms"), nullable("max_output_length"));

    /** The fields of items that decide what is added. */
    static final Set<String> FIELDS = Set.of(
            "id",
            "type",
            "role",
            "status",
            CONTENT,
            OUTPUT,
            ACTION,
            "call_id",
            "execution",
            "environment",
            "max_output_length");

    /** The fields that are {@link #nested} in some type. */
    static final Set<String> NESTED = Set.of(CONTENT, OUTPUT, ACTION);

    /** The fields inside {@link #nested} that decide what is added. */
    static final Set<String> PART_FIELDS =
            Set.of("type", "annotations", "logprobs", "detail", "timeout_ms", "max_output_length");

    static ItemType named(String type) {
        return TYPES.getOrDefault(type, UNKNOWN);
    }

    /**
     * What one object in {@code field} must have: content parts go by their type, which may be null, and the action of a
     * shell call is the only one of its kind.
     */
    static List<Required> partRequires(String field, @Nullable String type) {
        if (field.equals(ACTION)) {
            return SHELL_ACTION;
        }
        if ("output_text".equals(type)) {
            return OUTPUT_TEXT;
        }
        return "input_image".equals(type) ? INPUT_IMAGE : List.of();
    }

    private static ItemType of(String prefix) {
        return of(prefix, null);
    }

    private static ItemType of(String prefix, @Nullable String nested, Required... requires) {
        return new ItemType(prefix, nested, List.of(requires));
    }

    private static Required nullable(String name) {
        return new Required(name, "null");
    }

    /** Searching is the server's work unless a client says that it did it. */
    private static Required execution() {
        return new Required("execution", "\"server\"");
    }
}
