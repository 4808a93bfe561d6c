% Endless loops, and beside them two processes that send a number to and fro. The second line is the longest time between
% two hops, in nanoseconds of the host's clock.
-module(loops).
-export([main/1, spin/0]).

main([A, B]) ->
    Rounds = list_to_integer(B),
    start(list_to_integer(A)),
    Me = self(),
    Other = spawn(fun() -> pong(Me) end),
    Other ! 0,
    receive
        _ -> ok
    end,
    Longest = ping(Rounds, Other, now_ns(), 0),
    io:format("~w~nlongest ~w~n", [Rounds, Longest]),
    halt(0).

start(0) -> ok;
start(Left) ->
    spawn(fun spin/0),
    start(Left - 1).

spin() -> spin().

now_ns() -> erlang:monotonic_time(nanosecond).

ping(0, _, _, Longest) -> Longest;
ping(Left, Other, Before, Longest) ->
    Other ! Left,
    receive
        There ->
            Now = now_ns(),
            ping(Left - 1, Other, Now, max(Longest, max(There - Before, Now - There)))
    end.

pong(To) ->
    receive
        _ ->
            To ! now_ns(),
            pong(To)
    end.
