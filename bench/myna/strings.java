// Lines that are built, joined, taken apart, searched and changed.
//
// The size is the number of lines. Printed are sums of lengths and of what was found.
import java.util.ArrayList;

class Strings {
    static String line(int i) {
        String stars = "";
        for (int j = 0; j < i % 7; j++) stars += "*";
        return "order " + i + " of " + i * 7 % 1000 + " pieces " + stars;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        ArrayList<String> lines = new ArrayList<>();
        for (int i = 0; i < size; i++) lines.add(line(i));
        String text = String.join("\n", lines);
        long length = 0, found = 0;
        for (String line : text.split("\n")) {
            String[] fields = line.split(" ");
            if (fields[1].endsWith("7")) found++;
            if (line.contains("**")) found++;
            found += line.indexOf("pieces");
            String changed = line.replace("order", "invoice").toUpperCase();
            length += changed.length() + Integer.parseInt(fields[3]);
        }
        System.out.println(text.length() + " " + length + " " + found);
    }
}
