// A text in JSON: made, read, walked and written again. Java has no library for it: reader and writer are here.
//
// The size is the number of records. Printed are sums of what is in them and whether the text that is
// written is the one that was read.
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Json {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }
    }

    /** Reads a text: null, Boolean, Double, String, List and Map. */
    static class Parser {
        private final String text;
        private int at = 0;

        Parser(String text) {
            this.text = text;
        }

        Object parse() {
            Object value = value();
            skipSpace();
            if (at < text.length()) throw error("more text behind the value");
            return value;
        }

        private IllegalArgumentException error(String what) {
            return new IllegalArgumentException(what + " at " + at);
        }

        private void skipSpace() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        private char peek() {
            if (at >= text.length()) throw error("the text ends");
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) throw error("`" + c + "` is missing");
            at++;
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) throw error("`" + word + "` is missing");
            at += word.length();
            return value;
        }

        private Object value() {
            skipSpace();
            switch (peek()) {
                case '{': return fields();
                case '[': return items();
                case '"': return string();
                case 't': return word("true", true);
                case 'f': return word("false", false);
                case 'n': return word("null", null);
                default: return number();
            }
        }

        private Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            at++;
            skipSpace();
            if (peek() == '}') {
                at++;
                return fields;
            }
            while (true) {
                skipSpace();
                String name = string();
                skipSpace();
                expect(':');
                fields.put(name, value());
                skipSpace();
                if (peek() == '}') break;
                expect(',');
            }
            at++;
            return fields;
        }

        private List<Object> items() {
            List<Object> items = new ArrayList<>();
            at++;
            skipSpace();
            if (peek() == ']') {
                at++;
                return items;
            }
            while (true) {
                items.add(value());
                skipSpace();
                if (peek() == ']') break;
                expect(',');
            }
            at++;
            return items;
        }

        private String string() {
            expect('"');
            StringBuilder out = new StringBuilder();
            while (peek() != '"') {
                char c = text.charAt(at++);
                if (c != '\\') {
                    out.append(c);
                    continue;
                }
                char escaped = peek();
                at++;
                switch (escaped) {
                    case 'b': out.append('\b'); break;
                    case 'f': out.append('\f'); break;
                    case 'n': out.append('\n'); break;
                    case 'r': out.append('\r'); break;
                    case 't': out.append('\t'); break;
                    case 'u':
                        out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                        at += 4;
                        break;
                    default: out.append(escaped);
                }
            }
            at++;
            return out.toString();
        }

        private Double number() {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
            if (start == at) throw error("a value is missing");
            return Double.parseDouble(text.substring(start, at));
        }
    }

    static void write(StringBuilder out, Object value) {
        if (value instanceof String text) {
            quote(out, text);
        } else if (value instanceof Double number) {
            if (number == Math.rint(number) && Math.abs(number) < 1e15) out.append(number.longValue());
            else out.append(number.doubleValue());
        } else if (value instanceof List<?> items) {
            out.append('[');
            String separator = "";
            for (Object item : items) {
                out.append(separator);
                write(out, item);
                separator = ",";
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> fields) {
            out.append('{');
            String separator = "";
            for (var field : fields.entrySet()) {
                out.append(separator);
                quote(out, (String) field.getKey());
                out.append(':');
                write(out, field.getValue());
                separator = ",";
            }
            out.append('}');
        } else {
            out.append(value);
        }
    }

    static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"': out.append("\\\""); break;
                case '\\': out.append("\\\\"); break;
                case '\n': out.append("\\n"); break;
                case '\r': out.append("\\r"); break;
                case '\t': out.append("\\t"); break;
                default:
                    if (c < ' ') out.append(String.format("\\u%04x", (int) c));
                    else out.append(c);
            }
        }
        out.append('"');
    }

    static String quarters(int n) {
        return n / 4 + new String[] {"", ".25", ".5", ".75"}[n % 4];
    }

    static String recordText(int id, Random random) {
        String active = random.next() % 2 == 0 ? "true" : "false";
        String scores = quarters(random.next()) + "," + quarters(random.next()) + "," + quarters(random.next());
        String name = "\"the \\\"" + id + "th\\\" one\\n\"";
        String place = "{\"x\":" + random.next() + ",\"y\":-" + random.next() + "}";
        return "{\"active\":" + active + ",\"id\":" + id + ",\"name\":" + name + ",\"place\":" + place
            + ",\"scores\":[" + scores + "],\"tag\":null}";
    }

    static class Totals {
        double numbers = 0;
        long letters = 0, flags = 0, nulls = 0;

        void add(Object value) {
            if (value == null) nulls++;
            else if (value instanceof Boolean flag) flags += flag ? 1 : 0;
            else if (value instanceof Double number) numbers += number;
            else if (value instanceof String text) letters += text.length();
            else if (value instanceof List<?> items) items.forEach(this::add);
            else if (value instanceof Map<?, ?> fields) fields.values().forEach(this::add);
        }
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        Random random = new Random();
        List<String> records = new ArrayList<>();
        for (int id = 0; id < size; id++) records.add(recordText(id, random));
        String text = "[" + String.join(",", records) + "]";
        Object value = new Parser(text).parse();
        Totals totals = new Totals();
        totals.add(value);
        StringBuilder out = new StringBuilder();
        write(out, value);
        boolean same = out.toString().equals(text);
        System.out.println(text.length() + " " + (long) totals.numbers + " " + totals.letters + " " + totals.flags
            + " " + totals.nulls + " " + same);
    }
}
