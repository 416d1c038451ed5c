"""Rows of the comparison with CPython: list."""

ROWS = r"""
== list: made of nothing
l = m.list()
len(l)
str(l)
l[:]
l._getvalue()
copy.deepcopy(l)

== list: made of iterables
m.list((1, 2))[:]
m.list('aé胡\U0001f600')[:]
m.list(b'\x00\xff')[:]
m.list({'a': 1, 'b': 2})[:]
m.list({5})[:]
m.list(frozenset([5]))[:]
m.list(array('h', [1, -2]))[:]
m.list(m.list([1, 2]))[:]

== list: cannot be made
m.list(5)
m.list(None)
m.list(1.5)
m.list([], [])
m.list(iterable=[])

== list: item
l = m.list([1, 'b', None])
l[0]
l[-1]
l[3]
l[-4]
l[True]
l['a']
l[None]
l[1.0]
l[(1,)]
l[2**70]
l[-2**70]

== list: item assignment
l = m.list([1, 2])
l[0] = 'a'
l[-1] = [1, (2, 3)]
l[2] = 1
l[-3] = 1
l['a'] = 1
l[1.5] = 1
l[2**70] = 1
l[:]

== list: item deletion
l = m.list([1, 2, 3])
del l[0]
del l[-1]
del l[1]
del l[-2]
del l['a']
del l[2**64]
l[:]

== list: slices
l = m.list([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
l[2:5]
l[:3]
l[7:]
l[-3:]
l[:-8]
l[5:2]
l[100:200]
l[-100:100]
l[::2]
l[1::3]
l[::-1]
l[8:2:-2]
l[-1:-5:-1]
l[2:5:2**70]
l[2**70:]
l[:-2**70]
l[True:3]
l[::0]
l['a':]
l[:1.5]
l[::'x']

== list: slice assignment
l = m.list([0, 1, 2, 3, 4])
l[1:3] = ['a', 'b', 'c']
l[:]
l[1:4] = []
l[:]
l[0:0] = 'xy'
l[:]
l[100:] = (8, 9)
l[:]
l[3:1] = [7]
l[:]
l[:] = m.list([1, 2, 3])
l[:]
l[1:2] = l
l[:]
l[:] = {'k': 1}
l[:]
l[:] = 5
l[:] = None
l[:]

== list: extended slice assignment
l = m.list([0, 1, 2, 3, 4, 5])
l[::2] = 'abc'
l[:]
l[::-1] = [1, 2, 3, 4, 5, 6]
l[:]
l[::2] = [1, 2]
l[::2] = [1, 2, 3, 4]
l[::2] = 5
l[5:0:-2] = 'xyz'
l[:]
l[::0] = []
l[1:1:2] = []
l[1:1:2] = [1]
l[:]

== list: slice deletion
l = m.list([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
del l[2:4]
l[:]
del l[::3]
l[:]
del l[4:1:-2]
l[:]
del l[5:]
del l[::0]
del l['a':]
del l[:]
l[:]

== list: append and extend
l = m.list()
l.append(1)
l.append([2])
l.append()
l.append(1, 2)
l.extend([3, 4])
l.extend('ab')
l.extend({'k': 1})
l.extend(m.list([5]))
l.extend(5)
l.extend(None)
l += (6,)
l += 5
l[:]

== list: insert
l = m.list([1, 2])
l.insert(0, 'a')
l.insert(1, 'b')
l.insert(-1, 'c')
l.insert(100, 'd')
l.insert(-100, 'e')
l.insert('x', 1)
l.insert(None, 1)
l.insert(1.0, 1)
l.insert(1)
l.insert(2**70, 1)
l[:]

== list: pop
l = m.list([1, 2, 3, 4])
l.pop()
l.pop(0)
l.pop(-1)
l.pop(5)
l.pop(-2)
l.pop('a')
l.pop(None)
l.pop(1, 2)
l.pop(True)
l.pop()
l.pop()
l.pop(0)
l[:]

== list: remove
l = m.list([1, 'a', 1.0, (1, 2), [3]])
l.remove(True)
l.remove((1.0, 2))
l.remove([3])
l.remove('b')
l.remove()
l[:]

== list: index and count
l = m.list([1, 2, 1.0, True, 'a', None, (1, [2])])
l.index(1)
l.index(1, 1)
l.index(True, 1, 2)
l.index('a', -3)
l.index('a', -100, 100)
l.index('a', 2**70)
l.index(2, -2**70, 2**70)
l.index('zz')
l.index([1, {'x': "it's"}])
l.index(None)
l.index((1, [2]))
l.index(1, 'a')
l.index(1, None)
l.index()
l.count(1)
l.count('b')
l.count((True, [2.0]))
l.count()

== list: contains
l = m.list([1, 'a', [2], None, 2**65])
1.0 in l
'a' in l
[2] in l
None in l
'' in l
2**65 in l
2.0**65 in l
nan in l

== list: a NaN is not itself, by the wire
l = m.list([nan, 1])
l.count(nan)
l.index(nan)
l.remove(nan)
len(l)

== list: reverse
l = m.list([1, 2, 3])
l.reverse()
l[:]
list(reversed(l))
l.reverse(1)

== list: sort
l = m.list([3, 1, 2])
l.sort()
l[:]
l.sort(reverse=True)
l[:]
l[:] = ['b', 'a', 'B', 'é', '']
l.sort()
l[:]
l[:] = [(2, 'a'), (1, 'b'), (1, 'a')]
l.sort()
l[:]
l[:] = [2.5, True, 2**70, -1, inf]
l.sort()
l[:]
l[:] = [b'b', b'a']
l.sort()
l[:]
l[:] = [[2], [1, 5], []]
l.sort()
l[:]

== list: sort is stable
l = m.list([1, True, 1.0, 0, False])
l.sort()
l[:]
l.sort(reverse=True)
l[:]

== list: sort fails
l = m.list([3, 'a', 1])
l.sort()
l[:] = [None, 1]
l.sort()
l[:] = [{}, {}]
l.sort()
l[:] = [(1, 'a'), (1, 2)]
l.sort()
l[:] = [1, b'']
l.sort()
l.sort(1)
l.sort(key=5)  #! sort-key
l.sort(reverse='x')  #! sort-reverse
l.sort(up=True)
l[:]

== list: operators
l = m.list([1, 2])
l + [3]
l + (3,)
l + 5
l + m.list([3])  #! list-plus-proxy
l * 2
3 * l
l * 0
l * -1
l * 'a'
l * 1.5
l[:]
l *= 2
l[:]
l *= -5
l[:]
l *= None

== list: iteration is live
l = m.list([1, 2, 3])
[x for x in l]
i = iter(l)
next(i)
l.insert(0, 0)
next(i)
l.append(4)
list(i)
sum(l)
sorted(l, reverse=True)

== list: clear and copy
l = m.list([1, [2]])
l.copy()
l.clear()
l.clear()
l.copy()
l.clear(1)
l.copy(1)

== list: text
l = m.list()
l[:] = [1, -1, 2**64, -2**64, True, None, 1.5, 'a', "it's", b"'"]
str(l)
l[:] = [(1,), (), [], {}, set(), frozenset(), {'k': [1]}]
str(l)
l[:] = [NotImplemented, slice(1, 2), array('d', [0.1, 2.0]), array('b')]
str(l)
l[:]

== list: floats in text
l = m.list([0.1, 1 / 3, 1e15, 1e16, 123456789.123, 5e-324, 1.7976931348623157e308, 1e23])
str(l)
l[:] = [100000.0, 0.0001, 0.00001, 9007199254740993.0, -0.0]
str(l)

== list: nested proxies
l = m.list()
k = m.list([1])
l.append(k)
l.append([k, {'k': k}])
l[0].append(2)
l[1][0].append(3)
l[1][1]['k'][:]
k[:]
str(l)
str(l[0])
k is l[0]

== list: a list of lists
rows = m.list([m.list([0] * 3) for _ in range(3)])
rows[1][2] = 5
[row[:] for row in rows]
rows[0] = rows[1]
rows[0][0] = 7
rows[1][:]
rows.pop(0)[2]
len(rows)

== list: proxies compare
l = m.list()
k = m.list([1])
l.append(k)
l.count(k)  #! proxy-equality
k in l  #! proxy-equality

== list: contains itself
l = m.list()
l.append(l)
len(l[0][0])
l[0].append(1)
l[:]
str(l)

== list: kept alive by a list
l = m.list()
l.append(m.dict(a=m.list([1, 2])))
l[0]['a'][1]
l[0]['a'].append(3)
l.pop()['a'][:]

== list: three actors
l = m.list()
l.append(1)
b: l.append(l[-1] + 1)
c: l.append(l[-1] + 1)
b: l.pop(0)
l[:]

== list: no such method
l = m.list()
l._callmethod('fly')  #! no-such-method
l._callmethod('__class__')  #! no-such-method

== list: wrong arguments
l = m.list([1])
l._callmethod('__getitem__', ())
l._callmethod('__getitem__', (1, 2))
l._callmethod('__setitem__', (1,))
l._callmethod('__len__', (1,))
l._callmethod('append', (), {'object': 1})
l._callmethod('pop', (), {'index': 0})
l._callmethod('__contains__', (), {'key': 0})
l[:]

== list: deep equality
l = m.list([{'a': [1, {2}]}, {1, 2}, frozenset([1]), (b'x', 'x')])
{'a': [True, {2.0}]} in l
{2, 1} in l
frozenset([1, 2]) in l
{1} in l
('x', b'x') in l
[{'a': [1, {2}]}] in l
"""
