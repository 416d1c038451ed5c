"""Rows of the comparison with CPython: Queue and JoinableQueue."""

ROWS = r"""
== Queue: first in, first out
q = m.Queue()
q.empty()
q.full()
q.qsize()
q.put(1)
q.put('a')
q.put_nowait([2, (3,)])
q.qsize()
q.empty()
q.get()
q.get_nowait()
q.get()
q.empty()

== Queue: any value
q = m.Queue()
q.put(None)
q.put({'a': [1.5, b'x']})
q.put({1, 2})
q.put((1, [2]))
q.put(2**70)
q.put(nan)
[q.get() for _ in range(6)]

== Queue: empty
q = m.Queue()
q.get(False)
q.get_nowait()
q.get(True, 0)
q.get(True, 0.01)
q.get(timeout=0.01)
q.get(block=False)
q.get(False, 5)
q.get(False, -1)
q.get(False, nan)
q.get(False, 'x')
q.get(0)
q.get(None)
q.get([])
q.get('', 1)

== Queue: full
q = m.Queue(1)
q.put(1)
q.full()
q.put(2, False)
q.put_nowait(2)
q.put(2, True, 0)
q.put(2, True, 0.01)
q.put(2, timeout=0.01)
q.put(2, block=False)
q.put(2, False, 5)
q.put(2, False, -1)
q.put(2, False, 'x')
q.put(2, 0)
q.put(2, None)
q.qsize()
q.get()
q.get(False)

== Queue: timeouts of get
q = m.Queue()
q.get(True, -1)
q.get(True, -0.001)
q.get(True, -inf)
q.get(True, 'x')
q.get(True, [])
q.get(True, 1e10)
q.get(True, 1e300)
q.put(1)
q.get(True, -1)
q.get(True, 'x')
q.get(True, 1e10)
q.put(1)
q.get(True, inf)
q.put(1)
q.get('yes', 5)
q.qsize()

== Queue: no number as a timeout
q = m.Queue()
q.put(1)
q.get(True, nan)  #! queue-nan
q = m.Queue(1)
q.put(1, True, nan)  #! queue-nan

== Queue: timeouts of put
q = m.Queue()
q.put(1, True, -1)
q.put(2, True, 'x')
q.put(3, True, nan)
q.qsize()
q = m.Queue(1)
q.put(1, True, -1)
q.put(1, True, -inf)
q.put(1, True, 'x')
q.qsize()
q.put(1, True, 1e10)
q.put(2, True, 1e10)
q.put(2, True, -1)
q.qsize()

== Queue: an infinite timeout is too long
q = m.Queue(1)
b: q.get(True, inf) ...
q.put(1)
b: ...
q.put(2, False)
b: q.put(3, True, inf) ...
q.get()
b: ...

== Queue: sizes
q = m.Queue(2)
q.put(1)
q.full()
q.put(2)
q.full()
q.put_nowait(3)
q.get()
q.full()
m.Queue(0).full()
m.Queue(-1).full()
q = m.Queue(-5)
[q.put(i) for i in range(10)]
q.qsize()
q = m.Queue(True)
q.put(1)
q.put(2, False)

== Queue: construction
m.Queue(maxsize=1).qsize()
m.Queue(1, 2)  #! queue-options
m.Queue(x=1)  #! queue-options
m.Queue('x').qsize()  #! queue-maxsize
m.Queue(None).qsize()  #! queue-maxsize
q = m.Queue(1.5)
[q.put(i, False) for i in range(2)]
q.put(2, False)

== Queue: get waits until put
q = m.Queue()
b: q.get() ...
q.put('x')
b: ...
q.empty()

== Queue: get with a timeout waits until put
q = m.Queue()
b: q.get(True, 15) ...
q.put('x')
b: ...

== Queue: put waits until get
q = m.Queue(1)
q.put(1)
b: q.put(2) ...
q.qsize()
q.get()
b: ...
q.get()

== Queue: put with a timeout waits until get
q = m.Queue(1)
q.put(1)
b: q.put(2, True, 15) ...
q.get()
b: ...
q.get_nowait()

== Queue: getters are served as they came
q = m.Queue()
b: q.get() ...
c: q.get() ...
d: q.get() ...
q.put(1)
b: ...
q.put(2)
c: ...
d?
q.put(3)
d: ...

== Queue: putters are served as they came
q = m.Queue(1)
q.put(0)
b: q.put(1) ...
c: q.put(2) ...
q.get()
b: ...
c?
q.get()
c: ...
q.get()
q.empty()

== Queue: a getter who gave up takes nothing
q = m.Queue()
b: q.get(True, 0.01)
c: q.get() ...
q.put(1)
c: ...
q.qsize()

== Queue: a putter who gave up leaves nothing
q = m.Queue(1)
q.put(1)
b: q.put(2, True, 0.01)
q.get()
q.get(False)

== Queue: many items for many getters
q = m.Queue()
got = m.list()
b: got.append(q.get()) ...
c: got.append(q.get()) ...
d: got.append(q.get()) ...
(q.put(1), q.put(2), q.put(3))
b: ...
c: ...
d: ...
sorted(got)
q.empty()

== Queue: tasks
q = m.Queue()
q.task_done()
q.join()
q.put(1)
q.put(2)
q.task_done()
q.get()
q.task_done()
q.task_done()
q.join()

== Queue: join waits for every task
q = m.Queue()
q.put(1)
q.put(2)
b: q.join() ...
c: q.join() ...
q.get()
q.get()
b?
q.task_done()
b?
c?
q.task_done()
b: ...
c: ...
q.task_done()

== Queue: put raises the count of tasks again
q = m.Queue()
q.put(1)
b: q.join() ...
q.put(2)
q.task_done()
b?
q.task_done()
b: ...

== Queue: any actor may say that a task is done
q = m.Queue()
q.put(1)
b: q.get()
c: q.task_done()
q.join()

== Queue: wrong arguments
q = m.Queue()
q.put()
q.put(1, 2, 3, 4)
q.put(x=1)
q.put(item=1)
q.get(1, 2, 3)
q.get(up=1)
q.get(block=True, timeout=5)
q.get_nowait(1)
q.put_nowait()
q.put_nowait(item=2)
q.qsize(1)
q.empty(1)
q.full(x=1)
q.join(0)  #! join-timeout
q.task_done(1)
q.qsize()

== Queue: text
q = m.Queue()
str(q)
q.put(1)
str(q)

== Queue: proxies in it
q = m.Queue()
d = m.dict(a=1)
q.put(d)
q.get()['b'] = 2
d.copy()
q.put([m.list([1])])
q.get()[0][:]
q.put(q)
q.get().qsize()

== Queue: a proxy is handed over to who waits
q = m.Queue()
b: q.get()['a'] ...
q.put(m.dict(a=m.list([5])))
b: ...

== Queue: replies through a queue of one's own
work = m.Queue()
b: work.get().put('done') ...
answer = m.Queue()
work.put(answer)
b: ...
answer.get()

== Queue: no such method
m.Queue()._callmethod('fly')  #! no-such-method
m.Queue()._callmethod('_get')  #! no-such-method
m.Queue()._getvalue()  #! value-of-a-lock

== JoinableQueue: is a Queue
q = m.JoinableQueue()
q.put(1)
b: q.join() ...
q.get()
q.task_done()
b: ...
q.task_done()
q.get(False)
str(q)

== JoinableQueue: bounded
q = m.JoinableQueue(maxsize=1)
q.put(1)
q.put(2, False)
b: q.put(2) ...
q.get()
b: ...
q.qsize()
"""
