% Two processes send a byte string to and fro.
-module(bytes).
-export([main/1]).

main([A, B]) ->
    Data = binary:copy(<<"x">>, list_to_integer(B)),
    Me = self(),
    Other = spawn(fun() -> pong(Me) end),
    io:format("~w~n", [ping(list_to_integer(A), Other, Data, 0)]),
    halt(0).

ping(0, _, _, Sum) -> Sum;
ping(Left, Other, Data, Sum) ->
    Other ! Data,
    receive
        Back -> ping(Left - 1, Other, Back, Sum + byte_size(Back))
    end.

pong(To) ->
    receive
        Data ->
            To ! Data,
            pong(To)
    end.
