// The function of Takeuchi on the lengths of linked lists, which it never counts.
//
// The size is how often it is called. Printed is the sum of the lengths of what comes out.
class List {
    static class Element {
        final int value;
        final Element next;

        Element(int value, Element next) {
            this.value = value;
            this.next = next;
        }

        int length() {
            return next == null ? 1 : 1 + next.length();
        }
    }

    static Element make(int length) {
        return length == 0 ? null : new Element(length, make(length - 1));
    }

    static boolean isShorter(Element x, Element than) {
        Element left = x, right = than;
        while (right != null) {
            if (left == null) return true;
            left = left.next;
            right = right.next;
        }
        return false;
    }

    static Element tail(Element x, Element y, Element z) {
        if (!isShorter(y, x)) return z;
        return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y));
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long sum = 0;
        for (int i = 0; i < size; i++) sum += tail(make(15), make(10), make(6)).length();
        System.out.println(sum);
    }
}
