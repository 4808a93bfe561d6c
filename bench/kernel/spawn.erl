% Processes that say one thing and end, eight at a time.
-module(spawn).
-export([main/1]).

-define(TOGETHER, 8).

main([A]) ->
    io:format("~w~n", [run(0, list_to_integer(A), 0)]),
    halt(0).

run(Made, Count, Sum) when Made >= Count -> Sum;
run(Made, Count, Sum) ->
    Me = self(),
    start(Me, Made, ?TOGETHER),
    run(Made + ?TOGETHER, Count, wait(?TOGETHER, Sum)).

start(_, _, 0) -> ok;
start(Me, Number, Left) ->
    spawn(fun() -> Me ! Number end),
    start(Me, Number + 1, Left - 1).

wait(0, Sum) -> Sum;
wait(Left, Sum) ->
    receive
        X -> wait(Left - 1, Sum + X)
    end.
