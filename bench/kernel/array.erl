% Two processes send an array of numbers to and fro. A tuple never changes: nobody writes to it, only the copies count.
-module(array).
-export([main/1]).

main([A, B]) ->
    Rounds = list_to_integer(A),
    Data = erlang:make_tuple(list_to_integer(B), 0),
    Me = self(),
    Other = spawn(fun() -> pong(Me) end),
    io:format("~w~n", [ping(Rounds, Other, Data, 0)]),
    halt(0).

ping(0, _, Data, Sum) -> Sum + element(1, Data);
ping(Left, Other, Data, Sum) ->
    Other ! Data,
    receive
        Back -> ping(Left - 1, Other, Back, Sum + 2)
    end.

pong(To) ->
    receive
        Data ->
            To ! Data,
            pong(To)
    end.
