"""Rows of the comparison with CPython: Barrier."""

ROWS = r"""
== Barrier: for one
b = m.Barrier(1)
b.wait()
b.wait(0)
b.parties
b.n_waiting
b.broken

== Barrier: for two
x = m.Barrier(2)
x.n_waiting
b: x.wait() ...
x.n_waiting
x.wait()
b: ...
x.n_waiting
x.broken

== Barrier: for three, again and again
x = m.Barrier(3)
b: x.wait() ...
c: x.wait() ...
x.n_waiting
d: x.wait()
b: ...
c: ...
d: x.wait() ...
c: x.wait(15) ...
x.wait()
c: ...
d: ...

== Barrier: a timeout breaks it
x = m.Barrier(2)
x.wait(0.01)
x.broken
x.wait()
x.wait(0)
x.n_waiting
x.reset()
x.broken
b: x.wait() ...
x.wait()
b: ...

== Barrier: a timeout breaks it for all
x = m.Barrier(3)
b: x.wait() ...
c: x.wait(0.01)
b: ...
x.broken
x.n_waiting

== Barrier: its own timeout
x = m.Barrier(2, None, 0.01)
x.wait()
x.broken
x = m.Barrier(2, timeout=0.01)
x.wait()
x = m.Barrier(2, timeout=15)
x.wait(0.01)
x = m.Barrier(2, timeout=0.01)
b: x.wait(15) ...
x.wait()
b: ...

== Barrier: abort
x = m.Barrier(3)
b: x.wait() ...
c: x.wait() ...
x.abort()
b: ...
c: ...
x.broken
x.wait()
x.abort()
x.reset()
x.broken
b: x.wait() ...
b?
x.abort()
b: ...

== Barrier: reset with nobody there
x = m.Barrier(2)
x.reset()
x.broken
x.n_waiting

== Barrier: reset ends the waits
x = m.Barrier(3)
b: x.wait() ...
c: x.wait() ...
x.reset()
b: ...
c: ...
x.broken
x.n_waiting
b: x.wait() ...
c: x.wait() ...
x.wait()
b: ...
c: ...

== Barrier: arguments of wait
x = m.Barrier(2)
x.wait(0)
x.reset()
x.wait(-1)
x.reset()
x.wait(-inf)
x.reset()
x.wait('x')
x.reset()
x.wait(1e10)
x.reset()
y = m.Barrier(1)
y.wait('x')
y.wait(-1)
y.wait(1e10)

== Barrier: an infinite timeout is too long
x = m.Barrier(2)
b: x.wait(inf) ...
x.wait(0.01)
b: ...

== Barrier: construction
m.Barrier()
m.Barrier(0)  #! barrier-parties
m.Barrier(-1)  #! barrier-parties
m.Barrier('x')  #! barrier-parties
m.Barrier(2, None, None).parties
m.Barrier(parties=3).parties
m.Barrier(2, timeout=None).parties
m.Barrier(2, None, -1).parties
m.Barrier(2, None, None, 1)
m.Barrier(2, x=1)
m.Barrier(1, 5).wait()  #! barrier-action

== Barrier: attributes
x = m.Barrier(2)
x._callmethod('__getattribute__', ('parties',))
x._callmethod('__getattribute__', ('nothing',))
x._callmethod('__getattribute__', (5,))
x._callmethod('__getattribute__', ())
x._callmethod('__getattribute__', ('a', 'b'))
x._callmethod('__getattribute__', ('wait',))  #! barrier-attributes
x._callmethod('__getattribute__', ('_count',))  #! barrier-attributes

== Barrier: wrong arguments
x = m.Barrier(2)
x._callmethod('wait', (1, 2))
x._callmethod('wait', (), {'up': 1})
x._callmethod('abort', (1,))
x._callmethod('reset', (), {'x': 1})

== Barrier: text
x = m.Barrier(2)
str(x)
b: x.wait() ...
str(x)
x.abort()
b: ...
str(x)
"""
