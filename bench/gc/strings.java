// Strings: lines put together from small pieces, split, joined again, and all of them collected in a buffer.
class Strings {
    static final int FIELDS = 16;

    public static void main(String[] args) {
        int lines = Integer.parseInt(args[0]);
        StringBuilder buffer = new StringBuilder();
        long sum = 0;
        for (int i = 1; i <= lines; i++) {
            String line = "";
            for (int k = 1; k <= FIELDS; k++) {
                line += "k";
                line += i * k;
                line += ",";
            }
            String[] parts = line.split(",", -1);
            sum += parts.length;
            buffer.append(String.join(";", parts));
        }
        String text = buffer.toString();
        sum += text.length() + text.charAt(text.length() / 2);
        System.out.println(sum);
    }
}
