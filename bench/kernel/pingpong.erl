% Two processes send a number to and fro.
-module(pingpong).
-export([main/1]).

main([A]) ->
    Me = self(),
    Other = spawn(fun() -> pong(Me) end),
    io:format("~w~n", [ping(0, list_to_integer(A), Other, 0)]),
    halt(0).

ping(Rounds, Rounds, _, Sum) -> Sum;
ping(K, Rounds, Other, Sum) ->
    Other ! K,
    receive
        X -> ping(K + 1, Rounds, Other, Sum + X)
    end.

pong(To) ->
    receive
        X ->
            To ! (X + 1),
            pong(To)
    end.
