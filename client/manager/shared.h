/*
 * manager/shared.h - memory that processes share without a daemon
 *
 * A part of <manager.h>, which includes it: multiprocessing.Array, Value and SharedMemory. The
 * first two are numbers of one C type with a lock, in memory that children share with whoever
 * forked them; the third is bytes under a name, for programs that have nothing else in common.
 * All of it is as fast as memory is: reading an item takes tens of nanoseconds, where an
 * mgr_array asks a daemon.
 *
 *      static int work(void *counter)
 *      {
 *              for (int i = 0; i < 1000; ++i)
 *                      if (mgr_shared_cell_incr(counter, 1, NULL) < 0)
 *                              return 1;
 *              return 0;
 *      }
 *      …
 *      mgr_shared_cell *counter;
 *
 *      mgr_shared_cell_new('i', 0, 0, &counter);       counter = Value('i', 0)
 *      mgr_process_start(&p, work, counter, NULL);
 *      …
 *      mgr_shared_cell_get(counter, &n);               n = counter.value
 *
 * The functions below return MGR_E* below 0 as all of <manager.h> do, and set mgr_errmsg(). Besides
 * those that each of them names: MGR_EARGUMENT (NULL where there must be something), MGR_ENOMEM.
 *
 * Fork and threads. A handle is an object of its process; a child of fork() has a copy of it that
 * means the same memory, and frees its own. Any number of threads and processes may use one at
 * once; it is freed when no thread of the process uses it any more. The memory goes with the last
 * process that has it, however that ends. A program that was started by exec has no way to it: it
 * takes an mgr_shared_memory.
 */
#pragma once

#include "../manager.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* -- Arrays: multiprocessing.Array -------------------------------------------------------- */

enum {
        /*
         * Array(..., lock=False): nothing waits for anybody. One item is read, written, increased
         * or swapped as a whole all the same; what has many items may be caught half written.
         */
        MGR_SHARED_NO_LOCK = 1 << 0,
};

/*
 * Array(typecode, items) and Array(typecode, n), which is n zeros. Typecodes are Python's, the
 * types C's own: b h i l q (signed char, short, int, long, long long), B H I L Q (the same,
 * unsigned), f d (float, double), c (one byte, char) and u (one character, wchar_t). The length
 * stays as it is. mgr_shared_array_new() takes a C array of long long (but for u: MGR_ETYPE), or
 * of double for f and d; `content` is a list or another container, an array value
 * (mgr_compose_array()), for c bytes, for u a str, or a number of zeros. `flags` is 0 or
 * MGR_SHARED_NO_LOCK. MGR_EVALUE: no such typecode.
 *
 * What does not fit an item is refused, here and below, where Python keeps the lowest bits of it:
 * MGR_EOVERFLOW. What is no number is MGR_ETYPE, and so is a float where items are integers, 1.0
 * too, as in Python. Of an f the nearest float is kept, which is infinite for a very large number.
 */
int mgr_shared_array_new_ints(char typecode, const long long *items, size_t n, unsigned flags,
                              mgr_shared_array **array);
int mgr_shared_array_new_doubles(char typecode, const double *items, size_t n, unsigned flags,
                                 mgr_shared_array **array);
int mgr_shared_array_new_zeros(char typecode, size_t n, unsigned flags, mgr_shared_array **array);
int mgr_shared_array_new_value(char typecode, const mgr_value *content, unsigned flags,
                               mgr_shared_array **array);

/*
 * Frees the handle; other processes keep theirs. Where the calling thread has the lock, it is
 * released; where another thread of this process has it, the memory stays until the process ends,
 * because the kernel has noted in it what that thread holds. NULL is fine.
 */
void mgr_shared_array_free(mgr_shared_array *array);

/* len(a), the typecode, and the bytes that an item takes; 0 of NULL. */
size_t mgr_shared_array_len(const mgr_shared_array *a);
char mgr_shared_array_typecode(const mgr_shared_array *a);
size_t mgr_shared_array_itemsize(const mgr_shared_array *a);

/*
 * The items as C has them, an int[] of typecode i, for programs that check bounds themselves and
 * take the lock where they must: a.get_obj(). Good until the array is freed.
 */
void *mgr_shared_array_data(const mgr_shared_array *a);

/*
 * a.acquire() and a.release(): from one to the other nobody else reads or writes items by the
 * functions below, each of which takes the lock for itself. It belongs to the thread that took it,
 * which may take it again and releases it as often. It waits for at most `timeout` seconds:
 * MGR_ETIMEOUT. A signal does not end the wait.
 *
 * Who dies with the lock, in whatever way, leaves it to the next one at once: 0 becomes
 * MGR_OWNER_DIED, and it is the caller's, too, but the items may have been left half changed.
 * The first to lock it after that is told, and nobody else; functions that read or write items do
 * not stop at it. A child does not inherit the lock from the thread that forked it. release:
 * MGR_EASSERTION where it is not this thread's. Both: MGR_EATTRIBUTE where there is none.
 */
int mgr_shared_array_lock(const mgr_shared_array *a, double timeout);
int mgr_shared_array_unlock(const mgr_shared_array *a);

/* An index below 0 counts from the end: -1 is the last item. MGR_EINDEX "invalid index". */

/*
 * a[index] and a[index] = value. The value is an int, a float, of c bytes of length 1, of u a str
 * of one character. The macros take any C type, as mgr_array_get() and mgr_array_set() do.
 */
int mgr_shared_array_get_value(const mgr_shared_array *a, int64_t index, mgr_value *value);
int mgr_shared_array_set_value(const mgr_shared_array *a, int64_t index, const mgr_value *value);

/* The same without an mgr_value. MGR_ETYPE for an int out of a float, or a number out of c or u. */
int mgr_shared_array_get_int(const mgr_shared_array *a, int64_t index, long long *item);
int mgr_shared_array_set_int(const mgr_shared_array *a, int64_t index, long long item);
int mgr_shared_array_get_double(const mgr_shared_array *a, int64_t index, double *item);
int mgr_shared_array_set_double(const mgr_shared_array *a, int64_t index, double item);

/*
 * a[index] += delta as one step, so that no increment is lost. *value becomes what the item is
 * then, and may be NULL. MGR_ETYPE of c and u, and for a float to be added to an int;
 * MGR_EOVERFLOW: it does not wrap around.
 */
int mgr_shared_array_incr_value(const mgr_shared_array *a, int64_t index, const mgr_value *delta,
                                mgr_value *value);

/* a[index] = desired if a[index] == expected, as one step: 1, or 0 where it was not. */
int mgr_shared_array_compare_and_swap_value(const mgr_shared_array *a, int64_t index,
                                            const mgr_value *expected, const mgr_value *desired);

/*
 * a[start : start + n], converted into C's own: *n_read (may be NULL) becomes how many there
 * were. All of them are from the same moment. MGR_ETYPE for ints out of floats, or numbers out of
 * c or u; MGR_EOVERFLOW beyond long long. The macro is mgr_shared_array_read().
 */
int mgr_shared_array_read_ints(const mgr_shared_array *a, size_t start, long long *items, size_t n,
                               size_t *n_read);
int mgr_shared_array_read_doubles(const mgr_shared_array *a, size_t start, double *items, size_t n,
                                  size_t *n_read);

/*
 * a[start : start + n] = items, all of them or, after an error, none. MGR_EINDEX where there is no
 * room for so many. The macro is mgr_shared_array_write().
 */
int mgr_shared_array_write_ints(const mgr_shared_array *a, size_t start, const long long *items,
                                size_t n);
int mgr_shared_array_write_doubles(const mgr_shared_array *a, size_t start, const double *items,
                                   size_t n);

/*
 * a[i:j:k], as in Python a list, of c bytes and of u a str; and a[i:j:k] = content, which is what
 * mgr_shared_array_new_value() takes but for the number of zeros, and as long as the slice:
 * MGR_EVALUE "Can only assign sequence of same size".
 */
int mgr_shared_array_get_slice(const mgr_shared_array *a, mgr_slice slice, mgr_value *items);
int mgr_shared_array_set_slice_value(const mgr_shared_array *a, mgr_slice slice,
                                     const mgr_value *content);

/* -- Cells: multiprocessing.Value --------------------------------------------------------- */

/*
 * Value(typecode, value): one item, with all that is said above of typecodes, flags, locks, and
 * what fits. Its name here is cell, because mgr_value is any value. The macro is
 * mgr_shared_cell_new(). None is 0.
 */
int mgr_shared_cell_new_value(char typecode, const mgr_value *value, unsigned flags,
                              mgr_shared_cell **cell);
void mgr_shared_cell_free(mgr_shared_cell *cell);

char mgr_shared_cell_typecode(const mgr_shared_cell *c);

/* The int, double … itself, as mgr_shared_array_data(). */
void *mgr_shared_cell_data(const mgr_shared_cell *c);

/* v.acquire() and v.release(), v.get_lock(): as mgr_shared_array_lock(). */
int mgr_shared_cell_lock(const mgr_shared_cell *c, double timeout);
int mgr_shared_cell_unlock(const mgr_shared_cell *c);

/* v.value and v.value = value */
int mgr_shared_cell_get_value(const mgr_shared_cell *c, mgr_value *value);
int mgr_shared_cell_set_value(const mgr_shared_cell *c, const mgr_value *value);
int mgr_shared_cell_get_int(const mgr_shared_cell *c, long long *item);
int mgr_shared_cell_set_int(const mgr_shared_cell *c, long long item);
int mgr_shared_cell_get_double(const mgr_shared_cell *c, double *item);
int mgr_shared_cell_set_double(const mgr_shared_cell *c, double item);

/*
 * v.value += delta as one step, which in Python wants `with v.get_lock():`. As
 * mgr_shared_array_incr_value().
 */
int mgr_shared_cell_incr_value(const mgr_shared_cell *c, const mgr_value *delta, mgr_value *value);

/* v.value = desired if v.value == expected, as one step: 1, or 0 where it was not. */
int mgr_shared_cell_compare_and_swap_value(const mgr_shared_cell *c, const mgr_value *expected,
                                           const mgr_value *desired);

/* -- Shared memory by name: multiprocessing.shared_memory --------------------------------- */

/*
 * SharedMemory(name, create=True, size=size): so many bytes of zero under a name that is new, in
 * /dev/shm; only this user can open them. NULL draws a name, "psm_" and digits, which
 * mgr_shared_memory_name() tells. The memory stays until it is unlinked, or the machine restarts,
 * also when nobody has it open: unlink it. MGR_EEXISTS: the name is taken. MGR_EVALUE: a size of 0,
 * or a name that is empty, too long, or has a '/' in it ("." and ".." are none, either).
 * MGR_ENOMEM: there is no room for that many, all of which are set aside at once.
 *
 * What is written here is read by Python's SharedMemory of the same name, and the other way round.
 * But where a Python before 3.13 ends, its resource tracker unlinks what it has attached to, too,
 * as if it had been leaked; a later one does so unless it is told track=False.
 */
int mgr_shared_memory_create(const char *name, size_t size, mgr_shared_memory **memory);

/*
 * SharedMemory(name): what somebody has created. Its size is what it is now. MGR_ENAME: there is
 * none of that name, or one whose creator has not given it a size yet; MGR_EVALUE as above;
 * MGR_ESYSTEM: it is somebody else's.
 *
 * Touching the bytes raises SIGBUS where they are not there any more, because somebody has made the
 * file smaller, or not yet there nor to be had: who creates it by other means than the above may
 * promise more than the machine has. Attach only to what programs have made that are trusted with
 * that; nothing said about locks above is true of these bytes.
 */
int mgr_shared_memory_attach(const char *name, mgr_shared_memory **memory);

/* m.close(): frees the handle, and unmaps the bytes here. NULL is fine. */
void mgr_shared_memory_free(mgr_shared_memory *memory);

/*
 * m.unlink(): takes the name away. Whoever has the memory keeps it; the last one to close it gives
 * it back. MGR_ENAME where there is none of that name any more. What has the name now is meant,
 * even if somebody has unlinked ours and created another one.
 */
int mgr_shared_memory_unlink(const mgr_shared_memory *memory);

/* m.buf, m.size and m.name, good until it is freed; NULL and 0 of NULL. */
void *mgr_shared_memory_data(const mgr_shared_memory *memory);
size_t mgr_shared_memory_size(const mgr_shared_memory *memory);
const char *mgr_shared_memory_name(const mgr_shared_memory *memory);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif

/* -- With any C type ---------------------------------------------------------------------- */

#ifndef __cplusplus

#define mgr_shared_array_new(typecode, items, n, flags, array)                                     \
        _Generic((items),                                                                          \
                long long *: mgr_shared_array_new_ints,                                            \
                const long long *: mgr_shared_array_new_ints,                                      \
                double *: mgr_shared_array_new_doubles,                                            \
                const double *: mgr_shared_array_new_doubles)((typecode), (items), (n), (flags),   \
                                                              (array))

#define mgr_shared_array_read(a, start, items, n, n_read)                                          \
        _Generic((items),                                                                          \
                long long *: mgr_shared_array_read_ints,                                           \
                double *: mgr_shared_array_read_doubles)((a), (start), (items), (n), (n_read))

#define mgr_shared_array_write(a, start, items, n)                                                 \
        _Generic((items),                                                                          \
                long long *: mgr_shared_array_write_ints,                                          \
                const long long *: mgr_shared_array_write_ints,                                    \
                double *: mgr_shared_array_write_doubles,                                          \
                const double *: mgr_shared_array_write_doubles)((a), (start), (items), (n))

#else

/* clang-format off */
extern "C++" {

inline int mgr_shared_array_new_of(char typecode, const long long *items, size_t n, unsigned flags,
                                   mgr_shared_array **array)
{
        return mgr_shared_array_new_ints(typecode, items, n, flags, array);
}
inline int mgr_shared_array_new_of(char typecode, const double *items, size_t n, unsigned flags,
                                   mgr_shared_array **array)
{
        return mgr_shared_array_new_doubles(typecode, items, n, flags, array);
}
inline int mgr_shared_array_read_of(const mgr_shared_array *a, size_t start, long long *items,
                                    size_t n, size_t *n_read)
{
        return mgr_shared_array_read_ints(a, start, items, n, n_read);
}
inline int mgr_shared_array_read_of(const mgr_shared_array *a, size_t start, double *items,
                                    size_t n, size_t *n_read)
{
        return mgr_shared_array_read_doubles(a, start, items, n, n_read);
}
inline int mgr_shared_array_write_of(const mgr_shared_array *a, size_t start,
                                     const long long *items, size_t n)
{
        return mgr_shared_array_write_ints(a, start, items, n);
}
inline int mgr_shared_array_write_of(const mgr_shared_array *a, size_t start, const double *items,
                                     size_t n)
{
        return mgr_shared_array_write_doubles(a, start, items, n);
}

} /* extern "C++" */
/* clang-format on */

#define mgr_shared_array_new(typecode, items, n, flags, array)                                     \
        mgr_shared_array_new_of((typecode), (items), (n), (flags), (array))
#define mgr_shared_array_read(a, start, items, n, n_read)                                          \
        mgr_shared_array_read_of((a), (start), (items), (n), (n_read))
#define mgr_shared_array_write(a, start, items, n)                                                 \
        mgr_shared_array_write_of((a), (start), (items), (n))

#endif

MGR_DEFINE_OUT(mgr_shared_array_get, (const mgr_shared_array *a, int64_t index, mgr_out out),
               (a, index, &value))
MGR_DEFINE_OUT(mgr_shared_array_incr,
               (const mgr_shared_array *a, int64_t index, const mgr_value *delta, mgr_out out),
               (a, index, delta, &value))
MGR_DEFINE_OUT(mgr_shared_cell_get, (const mgr_shared_cell *c, mgr_out out), (c, &value))
MGR_DEFINE_OUT(mgr_shared_cell_incr,
               (const mgr_shared_cell *c, const mgr_value *delta, mgr_out out), (c, delta, &value))

#define mgr_shared_array_get(a, index, out) mgr_shared_array_get_out((a), (index), MGR_OUT(out))
#define mgr_shared_array_set(a, index, value)                                                      \
        mgr_shared_array_set_value((a), (index), MGR_IN(value))
#define mgr_shared_array_incr(a, index, delta, out)                                                \
        mgr_shared_array_incr_out((a), (index), MGR_IN(delta), MGR_OUT(out))
#define mgr_shared_array_compare_and_swap(a, index, expected, desired)                             \
        mgr_shared_array_compare_and_swap_value((a), (index), MGR_IN(expected), MGR_IN(desired))
#define mgr_shared_array_set_slice(a, slice, content)                                              \
        mgr_shared_array_set_slice_value((a), (slice), MGR_IN(content))

#define mgr_shared_cell_new(typecode, value, flags, cell)                                          \
        mgr_shared_cell_new_value((typecode), MGR_IN(value), (flags), (cell))
#define mgr_shared_cell_get(c, out)   mgr_shared_cell_get_out((c), MGR_OUT(out))
#define mgr_shared_cell_set(c, value) mgr_shared_cell_set_value((c), MGR_IN(value))
#define mgr_shared_cell_incr(c, delta, out)                                                        \
        mgr_shared_cell_incr_out((c), MGR_IN(delta), MGR_OUT(out))
#define mgr_shared_cell_compare_and_swap(c, expected, desired)                                     \
        mgr_shared_cell_compare_and_swap_value((c), MGR_IN(expected), MGR_IN(desired))
