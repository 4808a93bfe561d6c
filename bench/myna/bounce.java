// A hundred balls in a box: how often they bounce in fifty steps.
//
// The size is how often that is played. Printed is the number of bounces.
import java.util.ArrayList;

class Bounce {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }
    }

    static class Ball {
        static final int LIMIT = 500;
        private int x, y, vx, vy;

        Ball(Random random) {
            x = random.next() % 500;
            y = random.next() % 500;
            vx = random.next() % 300 - 150;
            vy = random.next() % 300 - 150;
        }

        /** Moves one step; whether it hits a wall. */
        boolean step() {
            boolean bounced = false;
            x += vx;
            y += vy;
            if (x > LIMIT) {
                x = LIMIT;
                vx = -Math.abs(vx);
                bounced = true;
            }
            if (x < 0) {
                x = 0;
                vx = Math.abs(vx);
                bounced = true;
            }
            if (y > LIMIT) {
                y = LIMIT;
                vy = -Math.abs(vy);
                bounced = true;
            }
            if (y < 0) {
                y = 0;
                vy = Math.abs(vy);
                bounced = true;
            }
            return bounced;
        }
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long bounces = 0;
        for (int i = 0; i < size; i++) {
            Random random = new Random();
            ArrayList<Ball> balls = new ArrayList<>();
            for (int j = 0; j < 100; j++) balls.add(new Ball(random));
            for (int j = 0; j < 50; j++) {
                for (Ball ball : balls) {
                    if (ball.step()) bounces++;
                }
            }
        }
        System.out.println(bounces);
    }
}
