/*
 * address - the socket in the file system
 */
#define _GNU_SOURCE 1
#include "managerd/server/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "managerd/log.h"
#include "proto/status.h"

#define ADDRESS_DEFAULT_NAME "manager.sock"
#define ADDRESS_LOCK_TRIES   500 /* of 10 ms */

void address_init(struct address *address, bool shared)
{
        *address = (struct address){ .directory = -1, .shared = shared };
}

void address_deinit(struct address *address)
{
        free(address->path);
        if (address->directory >= 0)
                close(address->directory);
        *address = (struct address){ .directory = -1 };
}

char *address_beside(const struct address *address, const char *name)
{
        const char *slash = strrchr(address->path, '/');
        int n = slash ? (int)(slash - address->path) + 1 : 0;
        char *path;

        return asprintf(&path, "%.*s%s", n, address->path, name) < 0 ? NULL : path;
}

/* --- the directory */

/* Ours, and nobody else may even look into it. */
static const char *address_doubt_default(const struct stat *st)
{
        if (st->st_uid != geteuid())
                return "belongs to another user";
        if (st->st_mode & 077)
                return "can be accessed by others (chmod 700 it)";
        return NULL;
}

/* Where the user wants it: nobody else may be able to replace what is in there. */
static const char *address_doubt_chosen(const struct stat *st)
{
        if (st->st_uid != geteuid() && st->st_uid != 0)
                return "belongs to another user";
        if ((st->st_mode & 022) && !(st->st_mode & S_ISVTX))
                return "can be written to by others, who could replace the socket";
        return NULL;
}

static int address_open_directory(const char *path, bool is_default)
{
        /* What is ours by default is never reached through a link that somebody planted. */
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (is_default ? O_NOFOLLOW : 0));
        const char *doubt;
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0) {
                log_error("directory %s: %s", path,
                          is_default && (errno == ELOOP || errno == ENOTDIR)
                                  ? "is not a directory, or a link to one"
                                  : strerror(errno));
                if (fd >= 0)
                        close(fd);
                return -STATUS_SYSTEM;
        }
        doubt = is_default ? address_doubt_default(&st) : address_doubt_chosen(&st);
        if (doubt) {
                log_error("directory %s: refused: it %s", path, doubt);
                close(fd);
                return -STATUS_SYSTEM;
        }
        return fd;
}

static char *address_default_directory(void)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        char *path;
        int n;

        if (runtime && runtime[0] == '/')
                n = asprintf(&path, "%s/managerd", runtime);
        else
                n = asprintf(&path, "/tmp/managerd-%u", (unsigned)geteuid());
        return n < 0 ? NULL : path;
}

static int address_enter_default(struct address *address)
{
        char *directory = address_default_directory();
        int r = -STATUS_NOMEM;

        if (!directory || asprintf(&address->path, "%s/" ADDRESS_DEFAULT_NAME, directory) < 0) {
                address->path = NULL;
                log_error("%s", status_text(r));
        } else if (mkdir(directory, 0700) < 0 && errno != EEXIST) {
                log_error("directory %s: %s", directory, strerror(errno));
                r = -STATUS_SYSTEM;
        } else {
                r = address->directory = address_open_directory(directory, true);
        }
        free(directory);
        return r < 0 ? r : 0;
}

static int address_enter_chosen(struct address *address, const char *path)
{
        const char *slash = strrchr(path, '/');
        char *directory;

        address->path = strdup(path);
        directory = !slash          ? strdup(".")
                    : slash == path ? strdup("/")
                                    : strndup(path, (size_t)(slash - path));
        if (!address->path || !directory) {
                free(directory);
                log_error("%s", status_text(-STATUS_NOMEM));
                return -STATUS_NOMEM;
        }
        address->directory = address_open_directory(directory, false);
        free(directory);
        return address->directory < 0 ? -STATUS_SYSTEM : 0;
}

static int address_lock(struct address *address)
{
        const struct timespec pause = { .tv_nsec = 10000000 };

        /* Held for moments only, unless somebody means harm: so do not wait for ever. */
        for (int i = 0; i < ADDRESS_LOCK_TRIES; ++i) {
                if (!flock(address->directory, LOCK_EX | LOCK_NB))
                        return 0;
                if (errno != EWOULDBLOCK && errno != EINTR)
                        break;
                nanosleep(&pause, NULL);
        }
        log_error("%s: cannot lock its directory: %s", address->path, strerror(errno));
        return -STATUS_SYSTEM;
}

static void address_unlock(struct address *address)
{
        flock(address->directory, LOCK_UN);
}

/* --- the socket */

static int address_fill(struct sockaddr_un *sun, const char *path)
{
        *sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
        if (strlen(path) >= sizeof(sun->sun_path)) {
                log_error("%s: the path of a socket can have at most %zu bytes", path,
                          sizeof(sun->sun_path) - 1);
                return -STATUS_SYSTEM;
        }
        strcpy(sun->sun_path, path);
        return 0;
}

/* What connecting says about it: 0 where somebody listens, else errno. */
static int address_probe(const struct sockaddr_un *sun)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r = 0;

        if (fd < 0)
                return errno;
        if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0)
                r = errno == EAGAIN ? 0 : errno;
        close(fd);
        return r;
}

static const char *address_what_is(const struct stat *st)
{
        if (S_ISLNK(st->st_mode))
                return "is a symbolic link";
        if (S_ISDIR(st->st_mode))
                return "is a directory";
        if (S_ISREG(st->st_mode))
                return "is a file";
        return S_ISSOCK(st->st_mode) ? NULL : "is no socket";
}

/* Makes sure that nothing is at the path, or says why it has to stay. */
static int address_clear(struct address *address, const struct sockaddr_un *sun)
{
        const char *path = address->path, *what;
        struct stat st;
        int r;

        if (fstatat(address->directory, address->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno == ENOENT)
                        return 0;
                log_error("%s: %s", path, strerror(errno));
                return -STATUS_SYSTEM;
        }
        what = address_what_is(&st);
        if (what) {
                log_error("%s: %s: not touched", path, what);
                return -STATUS_SYSTEM;
        }
        if (st.st_uid != geteuid()) {
                log_error("%s: belongs to user %u: not touched", path, (unsigned)st.st_uid);
                return -STATUS_SYSTEM;
        }
        r = address_probe(sun);
        if (r != ECONNREFUSED) {
                log_error("%s: %s", path, r ? strerror(r) : "somebody listens there already");
                return -STATUS_SYSTEM;
        }
        log_info("%s: stale, replaced", path);
        if (unlinkat(address->directory, address->name, 0) < 0) {
                log_error("%s: %s", path, strerror(errno));
                return -STATUS_SYSTEM;
        }
        return 0;
}

static int address_bind(struct address *address, int fd, const struct sockaddr_un *sun)
{
        struct stat st;

        /* The mode of an unbound socket becomes that of its file: there is no moment without it. */
        if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0)
                return -errno;
        /* The umask cannot narrow what is widened afterwards. */
        if ((address->shared && fchmodat(address->directory, address->name, 0666, 0) < 0) ||
            fstatat(address->directory, address->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            listen(fd, SOMAXCONN) < 0) {
                int r = -errno;

                unlinkat(address->directory, address->name, 0);
                return r;
        }
        address->device = st.st_dev;
        address->inode = st.st_ino;
        return 0;
}

static int address_occupy(struct address *address)
{
        struct sockaddr_un sun;
        int fd, r;

        r = address_fill(&sun, address->path);
        if (r < 0)
                return r;
        r = address_lock(address);
        if (r < 0)
                return r;
        r = address_clear(address, &sun);
        if (r == 0) {
                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                r = fd < 0 ? -errno : address_bind(address, fd, &sun);
                if (r < 0) {
                        log_error("%s: %s", address->path, strerror(-r));
                        if (fd >= 0)
                                close(fd);
                        r = -STATUS_SYSTEM;
                } else {
                        r = fd;
                }
        }
        address_unlock(address);
        return r;
}

int address_listen(struct address *address, const char *path)
{
        const char *slash;
        int r;

        r = path ? address_enter_chosen(address, path) : address_enter_default(address);
        if (r < 0)
                return r;
        slash = strrchr(address->path, '/');
        address->name = slash ? slash + 1 : address->path;
        if (!*address->name) {
                log_error("%s: is a directory: not touched", address->path);
                return -STATUS_SYSTEM;
        }
        return address_occupy(address);
}

int address_adopt(struct address *address, int fd)
{
        int is_listening = 0, type = 0;
        struct sockaddr_un sun = { 0 };
        socklen_t n_sun = sizeof(sun) - 1, n = sizeof(int);

        if (getsockname(fd, (struct sockaddr *)&sun, &n_sun) < 0 || sun.sun_family != AF_UNIX ||
            getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0 || type != SOCK_STREAM ||
            getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &n) < 0 || !is_listening ||
            sun.sun_path[0] != '/') {
                log_error("the socket handed over does not listen at a path");
                return -STATUS_SYSTEM;
        }
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
                log_error("the socket handed over: %s", strerror(errno));
                return -STATUS_SYSTEM;
        }
        address->path = strdup(sun.sun_path);
        if (address->path)
                return 0;
        log_error("%s", status_text(-STATUS_NOMEM));
        return -STATUS_NOMEM;
}

void address_remove(struct address *address)
{
        struct stat st;

        if (address->directory < 0 || !address->inode || address_lock(address) < 0)
                return;
        /* While it still listens its inode cannot have been given to another file. */
        if (!fstatat(address->directory, address->name, &st, AT_SYMLINK_NOFOLLOW) &&
            st.st_dev == address->device && st.st_ino == address->inode)
                unlinkat(address->directory, address->name, 0);
        address->inode = 0;
        address_unlock(address);
}

void address_remove_directory(const struct address *address)
{
        char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];

        if (address->directory < 0)
                return;
        /* without allocating: whoever it was made for cannot remove it any more */
        snprintf(directory, sizeof(directory), "%.*s", (int)(address->name - address->path),
                 address->path);
        if (*directory)
                rmdir(directory);
}
