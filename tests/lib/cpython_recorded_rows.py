"""Rows with the outcomes themselves, for what CPython 3.11 cannot be asked.

Queue.shutdown came in 3.13, from whose manager these outcomes are. The rest is where every
CPython's manager hangs: they are PROTOCOL.md's.
"""
from cpython_rows import rows_of

TEXT = r"""
== Queue: after a shutdown nothing is put
q = m.Queue()  -> None
q.put(1)  -> None
q.put(2)  -> None
q.shutdown()  -> None
q.put(3)  -> ShutDown()
q.put_nowait(3)  -> ShutDown()
q.qsize()  -> 2
q.get()  -> 1
q.get(False)  -> 2
q.get()  -> ShutDown()
q.get(False)  -> ShutDown()
q.get(True, 0.01)  -> ShutDown()
q.get_nowait()  -> ShutDown()

== Queue: a shutdown at once takes all out
q = m.Queue()  -> None
q.put(1)  -> None
q.put(2)  -> None
q.get()  -> 1
q.shutdown(True)  -> None
q.qsize()  -> 0
q.empty()  -> True
q.get()  -> ShutDown()
q.task_done()  -> None
q.task_done()  -> ValueError('task_done() called too many times')

== Queue: a shutdown wakes who waits to get
q = m.Queue()  -> None
b: q.get() ...  -> waits
c: q.get(True, 15) ...  -> waits
q.shutdown()  -> None
b: ...  -> ShutDown()
c: ...  -> ShutDown()

== Queue: a shutdown wakes who waits to put
q = m.Queue(1)  -> None
q.put(1)  -> None
b: q.put(2) ...  -> waits
c: q.put(3) ...  -> waits
q.shutdown()  -> None
b: ...  -> ShutDown()
c: ...  -> ShutDown()
q.get()  -> 1
q.get()  -> ShutDown()

== Queue: a shutdown leaves who joins
q = m.Queue()  -> None
q.put(1)  -> None
b: q.join() ...  -> waits
q.shutdown()  -> None
b?  -> waits
q.get()  -> 1
q.task_done()  -> None
b: ...  -> None

== Queue: a shutdown at once ends a join
q = m.Queue()  -> None
q.put(1)  -> None
b: q.join() ...  -> waits
q.shutdown(immediate=True)  -> None
b: ...  -> None
q.join()  -> None

== Queue: shut down twice
q = m.Queue()  -> None
q.put(1)  -> None
q.shutdown()  -> None
q.shutdown()  -> None
q.get()  -> 1
q.shutdown(True)  -> None
q.shutdown(now=True)  -> TypeError("Queue.shutdown() got an unexpected keyword argument 'now'")
q.task_done()  -> None

== list: extended by itself
l = m.list([1, 2])  -> None
l.extend(l)  -> None
l += l  -> None
l[:]  -> list(1, 2, 1, 2, 1, 2, 1, 2)

== list: of the keys of a dict
m.list(m.dict(a=1, b=2))[:]  -> list('a', 'b')

== Semaphore: no number as a timeout
m.Semaphore(0).acquire(True, nan)  -> False
"""


def recorded():
    """Rows, and the outcomes of each."""
    rows = rows_of("\n".join(line.partition("  -> ")[0] for line in TEXT.splitlines()))
    parts = [part.splitlines() for part in TEXT.split("\n== ")[1:]]
    return rows, [[line.partition("  -> ")[2] for line in part[1:] if line] for part in parts]
