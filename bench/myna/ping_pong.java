// Requests to another thread, each with its reply.
//
// The size is the number of requests. Printed is the sum of the replies.
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

class PingPong {
    interface Request {}

    record Square(long n, BlockingQueue<Long> reply) implements Request {}

    record Stop() implements Request {}

    static void serve(BlockingQueue<Request> requests) {
        try {
            while (requests.take() instanceof Square square) square.reply().put(square.n() * square.n());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws InterruptedException {
        int size = Integer.parseInt(args[0]);
        BlockingQueue<Request> requests = new ArrayBlockingQueue<>(1);
        BlockingQueue<Long> replies = new ArrayBlockingQueue<>(1);
        Thread server = new Thread(() -> serve(requests));
        server.start();
        long sum = 0;
        for (int i = 0; i < size; i++) {
            requests.put(new Square(i % 1000, replies));
            sum += replies.take();
        }
        requests.put(new Stop());
        server.join();
        System.out.println(sum);
    }
}
