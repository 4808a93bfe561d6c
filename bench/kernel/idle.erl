% Very many processes that have begun to wait, and wait.
-module(idle).
-export([main/1, waiter/0]).

main([A]) ->
    Count = list_to_integer(A),
    start(Count),
    timer:sleep(1000),
    io:format("~w~n", [Count]),
    halt(0).

start(0) -> ok;
start(Left) ->
    spawn(fun waiter/0),
    start(Left - 1).

waiter() ->
    receive
        _ -> ok
    end.
