"""A hundred balls in a box: how often they bounce in fifty steps.

The size is how often that is played. Printed is the number of bounces.
"""
import sys


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed


LIMIT = 500


class Ball:
    def __init__(self, random):
        self.x = random.next() % 500
        self.y = random.next() % 500
        self.vx = random.next() % 300 - 150
        self.vy = random.next() % 300 - 150

    def step(self):
        """Moves one step; whether it hits a wall."""
        bounced = False
        self.x += self.vx
        self.y += self.vy
        if self.x > LIMIT:
            self.x = LIMIT
            self.vx = -abs(self.vx)
            bounced = True
        if self.x < 0:
            self.x = 0
            self.vx = abs(self.vx)
            bounced = True
        if self.y > LIMIT:
            self.y = LIMIT
            self.vy = -abs(self.vy)
            bounced = True
        if self.y < 0:
            self.y = 0
            self.vy = abs(self.vy)
            bounced = True
        return bounced


def main():
    bounces = 0
    for _ in range(int(sys.argv[1])):
        random = Random()
        balls = [Ball(random) for _ in range(100)]
        for _ in range(50):
            for ball in balls:
                if ball.step():
                    bounces += 1
    print(bounces)


main()
