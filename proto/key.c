/*
 * key - the authkey that both sides share
 */
#include "proto/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/status.h"
#include "proto/whole.h"

struct auth_key {
        size_t size;
        uint8_t bytes[];
};

#define _fd_cleanup_ __attribute__((cleanup(fd_closep)))

static void fd_closep(const int *fd)
{
        int saved = errno;

        if (*fd >= 0)
                close(*fd);
        errno = saved;
}

/* Writable, and with `size` bytes still to be filled in. */
static int key_allocate(struct auth_key **out, size_t size)
{
        /* sodium_malloc() puts the end of what it returns on a page's end: align the beginning. */
        size_t aligned = (sizeof(struct auth_key) + size + 15) & ~(size_t)15;
        struct auth_key *key;

        if (sodium_init() < 0)
                return -STATUS_NOMEM;
        key = sodium_malloc(aligned);
        if (!key)
                return -STATUS_NOMEM;
        key->size = size;
        *out = key;
        return 0;
}

static void key_seal(struct auth_key *key)
{
        /* Without the protection it is a key all the same. */
        (void)!sodium_mprotect_readonly(key);
}

int auth_key_new(struct auth_key **out, struct span bytes)
{
        struct auth_key *key;
        int r;

        if (bytes.size == 0)
                return -STATUS_VALUE;
        if (bytes.size > AUTH_KEY_MAX_SIZE)
                return -STATUS_TOO_LARGE;
        r = key_allocate(&key, bytes.size);
        if (r < 0)
                return r;
        memcpy(key->bytes, bytes.data, bytes.size);
        key_seal(key);
        *out = key;
        return 0;
}

int auth_key_generate(struct auth_key **out)
{
        struct auth_key *key;
        int r = key_allocate(&key, AUTH_KEY_GENERATED_SIZE);

        if (r < 0)
                return r;
        randombytes_buf(key->bytes, key->size);
        key_seal(key);
        *out = key;
        return 0;
}

int auth_key_read_fd(struct auth_key **out, int fd)
{
        _auth_key_cleanup_ struct auth_key *room = NULL;
        ssize_t n;
        int r;

        /* Guarded memory already for reading; the byte more is to notice what is too long. */
        r = key_allocate(&room, AUTH_KEY_MAX_SIZE + 1);
        if (r < 0)
                return r;
        n = whole_read(fd, room->bytes, room->size);
        if (n < 0)
                return -STATUS_SYSTEM;
        return auth_key_new(out, span_of(room->bytes, (size_t)n));
}

static const char *key_why_not_opened(int error)
{
        switch (error) {
        case ENOENT:
        case ENOTDIR:
                return "key file is missing";
        case ELOOP:
                return "key file is a symbolic link";
        case EACCES:
        case EPERM:
                return "key file may not be opened: permission denied";
        case ENXIO:
                return "key file is not a regular file";
        default:
                return "key file cannot be opened";
        }
}

/* NULL where the file may hold a key, else why not. */
static const char *key_why_not_trusted(int fd)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return "key file cannot be examined";
        if (!S_ISREG(st.st_mode))
                return "key file is not a regular file";
        if (st.st_uid != geteuid())
                return "key file belongs to another user";
        if (st.st_mode & 077)
                return "key file is accessible to others (mode must be 0600 or less)";
        if (st.st_size == 0)
                return "key file is empty";
        if (st.st_size > AUTH_KEY_MAX_SIZE)
                return "key file is too large for a key";
        return NULL;
}

int auth_key_load(struct auth_key **out, const char *path, const char **why)
{
        _fd_cleanup_ int fd = -1;
        int r;

        /* Without O_NONBLOCK a fifo would make us wait for a writer. */
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) {
                *why = key_why_not_opened(errno);
                return -STATUS_AUTHENTICATION;
        }
        *why = key_why_not_trusted(fd);
        if (*why)
                return -STATUS_AUTHENTICATION;

        r = auth_key_read_fd(out, fd);
        if (r == -STATUS_NOMEM)
                *why = "out of memory";
        else if (r < 0)
                *why = "key file cannot be read";
        return r < 0 && r != -STATUS_NOMEM ? -STATUS_AUTHENTICATION : r;
}

int auth_key_save(const struct auth_key *key, const char *path)
{
        _fd_cleanup_ int fd = -1;
        int saved;

        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -STATUS_SYSTEM;
        /* A umask may have taken more than it should. */
        if (fchmod(fd, 0600) == 0 && whole_write(fd, key->bytes, key->size) >= 0 && fsync(fd) == 0)
                return 0;
        saved = errno;
        unlink(path);
        errno = saved;
        return -STATUS_SYSTEM;
}

struct span auth_key_bytes(const struct auth_key *key)
{
        return span_of(key->bytes, key->size);
}

struct auth_key *auth_key_free(struct auth_key *key)
{
        sodium_free(key);
        return NULL;
}
