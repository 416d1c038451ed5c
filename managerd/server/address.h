/*
 * address - the socket in the file system
 *
 * Whoever can replace the socket or its key can be the daemon for others, so a
 * place where strangers could do that is refused. What is found at the path is
 * removed only if it is a socket of our own on which nobody listens any more.
 *
 * Two daemons that start at once must not both find the same stale socket, and
 * one remove what the other has just bound. So looking, removing, binding and
 * listening happen under a lock, and so does removing at the end. The lock is
 * flock() on the directory itself: it needs no file that would have to be left
 * behind, and ends with whoever holds it. Within it, a listening socket can
 * be connected to and a stale one cannot, and that is the whole decision.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct address {
        char *path;       /* owned; of the socket */
        int directory;    /* owned descriptor; -1 where the socket is not ours to remove */
        const char *name; /* in the directory; points into path */
        bool shared;      /* other users may connect to the socket */
        dev_t device;     /* of the socket that we made */
        ino_t inode;
};

/* Nothing yet. `shared` is for sockets to which others than our own user may connect. */
void address_init(struct address *address, bool shared);

/* Frees what it holds; the socket stays: see address_remove(). */
void address_deinit(struct address *address);

/*
 * Listens at `path`, or where it is NULL at the default place, whose directory is
 * made if need be. Returns a descriptor, or a negative status and has logged why.
 */
int address_listen(struct address *address, const char *path);

/* Uses a listening socket that somebody else made. 0, or a negative status and has logged why. */
int address_adopt(struct address *address, int fd);

/* Removes the socket if it is still the one that we made. */
void address_remove(struct address *address);

/* Removes the directory of the socket if nothing is left in it. */
void address_remove_directory(const struct address *address);

/* The path of a file beside the socket; NULL when out of memory. The caller frees it. */
char *address_beside(const struct address *address, const char *name);
