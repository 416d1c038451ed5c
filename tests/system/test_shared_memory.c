/*
 * test_shared_memory - bytes under a name: between programs, Python's among them
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "tests/system/workers.h"

#define PYTHON "/usr/bin/python3"

/* A name that no other run of this test has. */
static const char *own_name(void)
{
        static char name[40];

        snprintf(name, sizeof(name), "managerd-test-%d", (int)getpid());
        return name;
}

static mgr_shared_memory *create(const char *name, size_t size)
{
        mgr_shared_memory *memory;

        assert_done(mgr_shared_memory_create(name, size, &memory));
        return memory;
}

static mgr_shared_memory *attach(const char *name)
{
        mgr_shared_memory *memory;

        assert_done(mgr_shared_memory_attach(name, &memory));
        return memory;
}

static void memory_is_found_by_its_name(void **state)
{
        mgr_shared_memory *memory = create(own_name(), 5000), *same = attach(own_name());
        char *data = mgr_shared_memory_data(memory), zeros[5000] = { 0 };
        struct stat st;
        char path[100];

        (void)state;
        snprintf(path, sizeof(path), "/dev/shm/%s", own_name());
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        /* there before anybody touches them */
        assert_true(st.st_blocks * 512 >= 5000);
        assert_string_equal(mgr_shared_memory_name(memory), own_name());
        assert_int_equal(mgr_shared_memory_size(memory), 5000);
        assert_int_equal(mgr_shared_memory_size(same), 5000);
        assert_memory_equal(data, zeros, 5000);
        strcpy(data + 4990, "hello");
        assert_string_equal((char *)mgr_shared_memory_data(same) + 4990, "hello");

        assert_done(mgr_shared_memory_unlink(memory));
        assert_error(
                mgr_shared_memory_unlink(same), MGR_ENAME,
                (snprintf(path, sizeof(path), "there is no shared memory '%s'", own_name()), path));
        /* the bytes are there as long as somebody has them */
        mgr_shared_memory_free(memory);
        assert_string_equal((char *)mgr_shared_memory_data(same) + 4990, "hello");
        mgr_shared_memory_free(same);
}

static void names_are_drawn(void **state)
{
        mgr_shared_memory *one = create(NULL, 1), *other = create(NULL, 1), *same;

        (void)state;
        assert_memory_equal(mgr_shared_memory_name(one), "psm_", 4);
        assert_string_not_equal(mgr_shared_memory_name(one), mgr_shared_memory_name(other));
        same = attach(mgr_shared_memory_name(one));
        *(char *)mgr_shared_memory_data(one) = 'x';
        assert_int_equal(*(char *)mgr_shared_memory_data(same), 'x');
        assert_done(mgr_shared_memory_unlink(one));
        assert_done(mgr_shared_memory_unlink(other));
        mgr_shared_memory_free(one);
        mgr_shared_memory_free(other);
        mgr_shared_memory_free(same);
}

static void what_cannot_be_is_told(void **state)
{
        mgr_shared_memory *memory = NULL, *first = create(own_name(), 10);
        char text[100], name[NAME_MAX + 2];

        (void)state;
        snprintf(text, sizeof(text), "there is shared memory '%s' already", own_name());
        assert_error(mgr_shared_memory_create(own_name(), 10, &memory), MGR_EEXISTS, text);
        assert_done(mgr_shared_memory_unlink(first));
        mgr_shared_memory_free(first);
        snprintf(text, sizeof(text), "there is no shared memory '%s'", own_name());
        assert_error(mgr_shared_memory_attach(own_name(), &memory), MGR_ENAME, text);
        assert_error(mgr_shared_memory_create(own_name(), 0, &memory), MGR_EVALUE,
                     "'size' must be a positive number different from zero");
        assert_int_equal(mgr_shared_memory_create(own_name(), SIZE_MAX, &memory), MGR_ENOMEM);
        assert_int_equal(mgr_shared_memory_create(own_name(), (size_t)1 << 44, &memory),
                         MGR_ENOMEM);
        assert_int_equal(mgr_shared_memory_attach(own_name(), &memory), MGR_ENAME); /* no rest */

        assert_error(mgr_shared_memory_create("a/b", 1, &memory), MGR_EVALUE,
                     "'a/b' is no name for shared memory");
        assert_int_equal(mgr_shared_memory_attach("/etc/passwd", &memory), MGR_EVALUE);
        assert_int_equal(mgr_shared_memory_attach("", &memory), MGR_EVALUE);
        assert_int_equal(mgr_shared_memory_attach(".", &memory), MGR_EVALUE);
        assert_int_equal(mgr_shared_memory_attach("..", &memory), MGR_EVALUE);
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        assert_int_equal(mgr_shared_memory_create(name, 1, &memory), MGR_EVALUE);
        name[NAME_MAX] = '\0';
        first = create(name, 1);
        assert_done(mgr_shared_memory_unlink(first));
        mgr_shared_memory_free(first);

        assert_int_equal(mgr_shared_memory_attach(NULL, &memory), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_memory_attach("x", NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_memory_create("x", 1, NULL), MGR_EARGUMENT);
        assert_int_equal(mgr_shared_memory_unlink(NULL), MGR_EARGUMENT);
        assert_null(mgr_shared_memory_data(NULL));
        assert_null(mgr_shared_memory_name(NULL));
        assert_int_equal(mgr_shared_memory_size(NULL), 0);
        mgr_shared_memory_free(NULL);
        assert_null(memory);
}

/* Others create in two steps. */
static void memory_without_a_size_is_not_there_yet(void **state)
{
        int fd = shm_open(own_name(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        mgr_shared_memory *memory;

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(mgr_shared_memory_attach(own_name(), &memory), MGR_ENAME);
        assert_int_equal(ftruncate(fd, 3), 0);
        memory = attach(own_name());
        assert_int_equal(mgr_shared_memory_size(memory), 3);
        assert_done(mgr_shared_memory_unlink(memory));
        mgr_shared_memory_free(memory);
        close(fd);
}

static int n_descriptors(void)
{
        int n = 0;

        for (int fd = 0; fd < 100; ++fd)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

static int write_and_free(void *memory)
{
        strcpy(mgr_shared_memory_data(memory), "child");
        mgr_shared_memory_free(memory);
        return 0;
}

static void a_child_frees_its_own(void **state)
{
        int n = n_descriptors();
        mgr_shared_memory *memory = create(NULL, 6);

        (void)state;
        assert_int_equal(n_descriptors(), n);
        assert_int_equal(end_of(start(write_and_free, memory)), 0);
        assert_string_equal(mgr_shared_memory_data(memory), "child");
        assert_done(mgr_shared_memory_unlink(memory));
        mgr_shared_memory_free(memory);
}

/* Attached to, and not to be unlinked when Python ends. */
#define ATTACH                                                                                     \
        "import sys\n"                                                                             \
        "from multiprocessing import resource_tracker, shared_memory\n"                            \
        "m = shared_memory.SharedMemory(*sys.argv[1:], create=len(sys.argv) < 2, size=10)\n"       \
        "resource_tracker.unregister(m._name, 'shared_memory')\n"

static void python_reads_and_writes_it(void **state)
{
        mgr_shared_memory *memory = create(own_name(), 10);
        char command[1000];

        (void)state;
        strcpy(mgr_shared_memory_data(memory), "from C");
        snprintf(command, sizeof(command),
                 PYTHON " -c \"" ATTACH "assert m.size == 10 and bytes(m.buf[:6]) == b'from C'\n"
                        "m.buf[:7] = b'from Py'\n\" %s",
                 own_name());
        assert_int_equal(system(command), 0);
        assert_memory_equal(mgr_shared_memory_data(memory), "from Py", 7);
        assert_done(mgr_shared_memory_unlink(memory));
        mgr_shared_memory_free(memory);
}

static void what_python_creates_is_found(void **state)
{
        FILE *python =
                popen(PYTHON " -c \"" ATTACH "m.buf[9] = 7\nm.close()\nprint(m.name)\n\"", "r");
        mgr_shared_memory *memory;
        char name[100];

        (void)state;
        assert_non_null(python);
        assert_non_null(fgets(name, sizeof(name), python));
        assert_int_equal(pclose(python), 0);
        name[strcspn(name, "\n")] = '\0';
        memory = attach(name);
        assert_int_equal(mgr_shared_memory_size(memory), 10);
        assert_int_equal(((char *)mgr_shared_memory_data(memory))[9], 7);
        assert_done(mgr_shared_memory_unlink(memory));
        mgr_shared_memory_free(memory);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(memory_is_found_by_its_name),
                cmocka_unit_test(names_are_drawn),
                cmocka_unit_test(what_cannot_be_is_told),
                cmocka_unit_test(memory_without_a_size_is_not_there_yet),
                cmocka_unit_test(a_child_frees_its_own),
                cmocka_unit_test(python_reads_and_writes_it),
                cmocka_unit_test(what_python_creates_is_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
