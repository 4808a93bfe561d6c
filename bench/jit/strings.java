// Building, searching and cutting short strings.
class Strings {
    static final int FIELDS = 16;

    public static void main(String[] args) {
        int lines = Integer.parseInt(args[0]);
        long total = 0, found = 0, check = 0;
        for (int i = 1; i <= lines; i++) {
            String line = "";
            for (int k = 1; k <= FIELDS; k++) line += "k" + i * k + ",";
            total += line.length();
            int at = line.indexOf("7,k");
            if (at >= 0) found += at + 1;
            String part = line.substring(3, 13).toUpperCase();
            if (part.equals("K2,K3,K4,K")) found++;
            check += part.charAt(5);
        }
        System.out.println(total * 7 + found * 3 + check);
    }
}
