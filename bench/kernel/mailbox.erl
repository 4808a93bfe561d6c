% Many processes send to one.
-module(mailbox).
-export([main/1]).

main([A, B]) ->
    Senders = list_to_integer(A),
    Each = list_to_integer(B),
    Me = self(),
    start(Senders, Me, Each),
    io:format("~w~n", [sum(Senders * Each, 0)]),
    halt(0).

start(0, _, _) -> ok;
start(Left, Me, Each) ->
    spawn(fun() -> send(Me, Each) end),
    start(Left - 1, Me, Each).

send(_, 0) -> ok;
send(To, K) ->
    To ! K,
    send(To, K - 1).

sum(0, Sum) -> Sum;
sum(Left, Sum) ->
    receive
        X -> sum(Left - 1, Sum + X)
    end.
