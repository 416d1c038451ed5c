"""Rows of the comparison with CPython: Namespace, Value and Array."""

ROWS = r"""
== Namespace: empty
n = m.Namespace()
str(n)
n.x
n._callmethod('__getattribute__', ('x',))
n._callmethod('__repr__')

== Namespace: keywords
n = m.Namespace(b=1, a='text')
n.a
n.b
str(n)
m.Namespace(1)  #! namespace-mapping
m.Namespace({'a': 1})  #! namespace-mapping

== Namespace: attributes
n = m.Namespace()
n.x = 1
n.x
n.x = [1, (2, 3)]
n.x
n.y
del n.x
n.x
del n.x
del n.never
str(n)

== Namespace: text
n = m.Namespace()
n.name = 'Bob'
str(n)
n.age = 5
n.z = [1.5, None]
n.A = b'x'
str(n)
n.é = 'ä'
str(n)

== Namespace: names with an underscore stay with the proxy
n = m.Namespace(x=1)
n._own = 5
n._own
str(n)
del n._own
n._own

== Namespace: names with an underscore sent all the same
n = m.Namespace(_hidden=1, shown=2)
str(n)
n._callmethod('__getattribute__', ('_hidden',))
n._callmethod('__setattr__', ('_more', 3))
n._callmethod('__getattribute__', ('_more',))
n._callmethod('__delattr__', ('_more',))
n._callmethod('__delattr__', ('_more',))
str(n)

== Namespace: names that are none
n = m.Namespace()
n._callmethod('__getattribute__', (5,))
n._callmethod('__setattr__', (5, 1))
n._callmethod('__delattr__', (5,))
n._callmethod('__setattr__', (None, 1))
n._callmethod('__getattribute__', (b'x',))
n._callmethod('__getattribute__', ([],))
n._callmethod('__setattr__', ('two words', 1))
n._callmethod('__getattribute__', ('two words',))
n._callmethod('__setattr__', ('', 2))
n._callmethod('__getattribute__', ('',))
str(n)

== Namespace: wrong arguments
n = m.Namespace()
n._callmethod('__getattribute__', ())
n._callmethod('__getattribute__', ('a', 'b'))
n._callmethod('__setattr__', ('a',))
n._callmethod('__setattr__', ())
n._callmethod('__delattr__', ())
n._callmethod('__setattr__', ('a', 1, 2))
n._callmethod('__setattr__', (), {'name': 1})

== Namespace: nested proxies
n = m.Namespace()
n.d = m.dict(a=1)
n.d['b'] = 2
n.d.copy()
n.inner = m.Namespace(x=m.list([1]))
n.inner.x.append(2)
n.inner.x[:]
str(n)

== Namespace: three actors
n = m.Namespace(x=0)
n.x += 1
b: n.x += 1
c: n.y = n.x
b: n.y
c: del n.x
n.x

== Namespace: no such method
n = m.Namespace(a=1)
n._callmethod('fly')  #! no-such-method
n._callmethod('a')  #! no-such-method

== Value: get and set
v = m.Value('i', 5)
v.value
v.get()
v.value = 6
v.get()
v.set(7)
v.value
str(v)

== Value: the typecode is not enforced
v = m.Value('i', 'text')
v.value
v.value = [1, {2: 3}]
v.value
v.value = None
v.get()
str(v)
str(m.Value('d', 1))
str(m.Value(None, 1))
str(m.Value(5, (1,)))
str(m.Value('anything', 1.5))

== Value: construction
m.Value()
m.Value('i')
str(m.Value('i', 1, True))
str(m.Value('i', 1, False))
str(m.Value('i', 1, lock=False))
str(m.Value(typecode='i', value=2))
m.Value('i', 1, True, 4)
m.Value('i', 1, up=2)

== Value: wrong arguments
v = m.Value('i', 1)
v._callmethod('get', (1,))
v._callmethod('set', ())
v._callmethod('set', (1, 2))
v._callmethod('set', (), {'value': 5})
v._callmethod('set', (), {'x': 5})
v.value

== Value: nested proxies
v = m.Value('O', m.list([1]))
v.value.append(2)
v.value[:]
str(v)
v.value = m.dict(a=1)
v.value['a']

== Value: three actors
v = m.Value('i', 0)
v.value += 1
b: v.value += 1
c: v.value += 1
v.value

== Value: no such method
v = m.Value('i', 0)
v._callmethod('value')  #! no-such-method
v._callmethod('fly')  #! no-such-method

== Array: made
a = m.Array('i', [1, 2, 3])
str(a)
len(a)
a._getvalue()
a[:]
str(m.Array('d', [1, 2.5]))
str(m.Array('b', b'ab'))
str(m.Array('B', b'\x00\xff'))
str(m.Array('u', 'aé'))
str(m.Array('i', ()))
str(m.Array('u', ''))
str(m.Array('h', {1, 2}))
str(m.Array('h', {1: 2}))

== Array: made of another
str(m.Array('i', array('h', [1, 2])))
str(m.Array('i', array('i', [1, 2])))
str(m.Array('d', array('f', [1.5])))
str(m.Array('i', array('d', [1.5])))
str(m.Array('u', array('u', 'ab')))

== Array: cannot be made
m.Array()
m.Array('i')
m.Array('x', [1])
m.Array('', [1])
m.Array('ii', [1])
m.Array(5, [1])
m.Array(None, [1])
m.Array('i', 5)
m.Array('i', None)
m.Array('i', ['a'])
m.Array('i', [1.5])
m.Array('i', 'ab')
m.Array('u', [1])
m.Array('u', ['ab'])
m.Array('d', ['x'])
m.Array('b', [128])
m.Array('i', [1], True, 1)
m.Array('i', [1], lock=False)[0]

== Array: bounds of every type
m.Array('b', [-128, 127])[:]
m.Array('b', [-129])
m.Array('b', [128])
m.Array('B', [0, 255])[:]
m.Array('B', [-1])
m.Array('B', [256])
m.Array('h', [-2**15, 2**15 - 1])[:]
m.Array('h', [-2**15 - 1])
m.Array('h', [2**15])
m.Array('H', [0, 2**16 - 1])[:]
m.Array('H', [-1])
m.Array('H', [2**16])
m.Array('i', [-2**31, 2**31 - 1])[:]
m.Array('i', [-2**31 - 1])
m.Array('i', [2**31])
m.Array('I', [0, 2**32 - 1])[:]
m.Array('I', [-1])
m.Array('I', [2**32])
m.Array('l', [-2**63, 2**63 - 1])[:]
m.Array('l', [-2**63 - 1])
m.Array('l', [2**63])
m.Array('L', [0, 2**64 - 1])[:]
m.Array('L', [-1])
m.Array('L', [2**64])
m.Array('q', [-2**63, 2**63 - 1])[:]
m.Array('q', [2**63])
m.Array('q', [-2**63 - 1])
m.Array('Q', [0, 2**64 - 1])[:]
m.Array('Q', [-1])
m.Array('Q', [2**64])
m.Array('i', [2**70])
m.Array('b', [2**70])
m.Array('H', [2**70])
m.Array('I', [2**70])

== Array: floats
a = m.Array('d', [0.1, 1e300, inf, -0.0])
str(a)
a[0] = 5
a[0]
a[1] = True
a[:]
a[0] = 2**70
a[0]
a[0] = 10**400
a[0] = 'x'
a[0] = None
f = m.Array('f', [0.1, 1.5])
f[0]
str(f)
f[0] = 1e300
f[0] = 1e-50
f[:]

== Array: characters
u = m.Array('u', 'aé胡')
u[1]
u[1] = 'z'
u[1] = 'zz'
u[1] = ''
u[1] = 5
u[1] = None
u[:]
str(u)
len(u)

== Array: item
a = m.Array('i', [1, 2, 3])
a[0]
a[-1]
a[3]
a[-4]
a['a']
a[None]
a[1.0]
a[True]
a[2**70]

== Array: item assignment
a = m.Array('i', [1, 2, 3])
a[0] = 9
a[-1] = True
a[3] = 1
a[-4] = 1
a[0] = 'a'
a[0] = 1.5
a[0] = None
a[0] = 2**31
a[0] = -2**31 - 1
a[0] = 2**70
a['a'] = 1
a[1.0] = 1
a[2**70] = 1
a[:]

== Array: slices
a = m.Array('i', [0, 1, 2, 3, 4, 5])
a[1:3]
a[::2]
a[::-1]
a[4:1:-1]
a[10:]
a[::0]
a['x':]
a[2**70:]

== Array: slice assignment
a = m.Array('i', [0, 1, 2, 3])
a[1:3] = array('i', [7, 8])
a[:]
a[1:2] = array('i', [5, 5, 5])
a[:]
a[::2] = array('i', [1, 2, 3])
a[:]
a[::2] = array('i', [1])
a[1:3] = array('i')
a[:]
a[1:3] = [1, 2]
a[1:3] = array('h', [1])
a[1:3] = 5
a[::0] = array('i')
a[:] = array('i', [1])
a[:]
a[5:] = array('i', [2])
a[:]

== Array: iteration
a = m.Array('i', [1, 2])
list(a)
sum(a)
1 in a

== Array: wrong arguments
a = m.Array('i', [1])
a._callmethod('__len__', (1,))
a._callmethod('__getitem__', ())
a._callmethod('__setitem__', (1,))

== Array: three actors
a = m.Array('i', [0, 0])
a[0] = 1
b: a[1] = a[0] + 1
c: a[0] += a[1]
a[:]

== Array: no such method
a = m.Array('i', [1])
a._callmethod('fly')  #! no-such-method
a._callmethod('append', (1,))  #! no-such-method

== Array: stored in others
l = m.list([m.Array('i', [1, 2])])
l[0][1] = 5
l[0][:]
str(l)
l.append(array('i', [1]))
l[1]
str(l)
"""
