package dev.holdfast.memory;

import dev.holdfast.http.PlainText;
import dev.holdfast.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** JSON values by their names, as a client has sent them; null is as good as nothing. */
final class Arguments {

    private final Map<String, ?> values;
    private final @Nullable String parent;

    /** @throws Problem 400 if there is one that is not {@code known} */
    Arguments(Map<String, ?> values, Set<String> known) {
        this(values, known, null);
    }

    private Arguments(Map<String, ?> values, Set<String> known, @Nullable String parent) {
        this.values = values;
        this.parent = parent;
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw Problem.invalid(
                        "Unknown argument; there are: "
                                + String.join(", ", known.stream().sorted().toList()) + ".",
                        PlainText.param(parent, name));
            }
        }
    }

    String text(String name) {
        String text = optionalText(name);
        if (text == null) {
            throw bad(name, "is needed");
        }
        return text;
    }

    @Nullable
    String optionalText(String name) {
        Object value = values.get(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof String text)) {
            throw bad(name, "must be a string");
        }
        return text;
    }

    String text(String name, String otherwise) {
        String text = optionalText(name);
        return text == null ? otherwise : text;
    }

    boolean flag(String name, boolean otherwise) {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Boolean flag)) {
            throw bad(name, "must be true or false");
        }
        return flag;
    }

    int number(String name, int otherwise, int least, int most) {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && number.doubleValue() >= least
                && number.doubleValue() <= most) {
            return number.intValue();
        }
        throw bad(name, "must be a whole number from " + least + " to " + most);
    }

    /** Empty where there are none. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object entry : list(name)) {
            if (!(entry instanceof String text)) {
                throw bad(name, "must be an array of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** Empty where there are none. */
    List<Arguments> objects(String name, Set<String> known) {
        List<Arguments> objects = new ArrayList<>();
        for (Object entry : list(name)) {
            if (!(entry instanceof Map<?, ?> map)) {
                throw bad(name, "must be an array of objects");
            }
            @SuppressWarnings("unchecked")
            Map<String, ?> object = (Map<String, ?>) map;
            objects.add(new Arguments(object, known, name + "[" + objects.size() + "]"));
        }
        return objects;
    }

    private List<?> list(String name) {
        Object value = values.get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw bad(name, "must be an array");
        }
        return list;
    }

    /** {@code why} it is refused, to be said after the name. */
    Problem bad(String name, String why) {
        return Problem.invalid("'" + name + "' " + why + ".", PlainText.param(parent, name));
    }
}
