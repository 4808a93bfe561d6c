// A linked list of many million elements: built, summed, turned round in place, thinned out, and copied.
class Chain {
    Chain next;
    final long value;

    Chain(Chain next, long value) {
        this.next = next;
        this.value = value;
    }

    static Chain build(int size) {
        Chain head = null;
        for (int i = 0; i < size; i++) head = new Chain(head, i);
        return head;
    }

    static long sumOf(Chain head) {
        int sum = 0;
        for (; head != null; head = head.next) sum = sum * 31 + (int) head.value;
        return sum & 0xffffffffL;
    }

    static Chain reverse(Chain head) {
        Chain done = null;
        while (head != null) {
            Chain rest = head.next;
            head.next = done;
            done = head;
            head = rest;
        }
        return done;
    }

    static void thin(Chain head) {
        while (head != null && head.next != null) {
            head.next = head.next.next;
            head = head.next;
        }
    }

    static Chain doubled(Chain head) {
        Chain copy = null;
        for (; head != null; head = head.next) copy = new Chain(copy, head.value + head.value);
        return copy;
    }

    public static void main(String[] args) {
        Chain head = build(Integer.parseInt(args[0]));
        long sum = sumOf(head);
        head = reverse(head);
        sum += sumOf(head);
        thin(head);
        Chain copy = doubled(head);
        sum += sumOf(copy);
        sum += sumOf(head);
        System.out.println(sum);
    }
}
