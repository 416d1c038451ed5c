/*
 * process - client processes, and the references they hold
 */
#include "managerd/engine/process.h"

#include <stdlib.h>

#include "managerd/object/index.h"
#include "proto/status.h"

void processes_init(struct processes *processes, struct store *store)
{
        *processes = (struct processes){ .store = store };
        table_init(&processes->index, &store->world);
        list_init(&processes->list);
        holder_init(&processes->departed, 0, NULL, 0);
}

static uint64_t reference_count(const struct table_entry *entry)
{
        uint64_t count;

        memcpy(&count, table_entry_value(entry).data, sizeof(count));
        return count;
}

static void image_drop(struct processes *processes, struct table_entry *entry)
{
        uint64_t count = reference_count(entry);
        struct object *object;
        uint64_t ident;

        memcpy(&ident, table_entry_key(entry).data, sizeof(ident));
        object = store_find(processes->store, ident);
        while (object && count-- > 0)
                object_release(object);
}

static void image_end(struct processes *processes, struct image *image)
{
        struct table_entry *entry;

        holder_end(&image->holder, processes->heir);
        for (entry = table_first(&image->references); entry;
             entry = table_next(&image->references, entry))
                image_drop(processes, entry);
        table_deinit(&image->references);
        list_unlink(&image->in_process);
        free(image);
}

static struct span process_key(const struct process *process)
{
        return span_of(&process->info.number, sizeof(process->info.number));
}

static void process_free(struct processes *processes, struct process *process)
{
        while (!list_is_empty(&process->images))
                image_end(processes, container_of(process->images.next, struct image, in_process));

        index_remove(&processes->index, process_key(process));
        list_unlink(&process->in_engine);
        free(process);
}

void processes_deinit(struct processes *processes)
{
        while (!list_is_empty(&processes->list))
                process_free(processes,
                             container_of(processes->list.next, struct process, in_engine));
        table_deinit(&processes->index);
}

static struct process *processes_find(const struct processes *processes, uint64_t number)
{
        return index_find(&processes->index, span_of(&number, sizeof(number)));
}

int processes_get(struct processes *processes, const struct process_info *info,
                  struct process **out)
{
        struct process *process = processes_find(processes, info->number);
        int r;

        if (process) {
                *out = process;
                return 0;
        }
        process = calloc(1, sizeof(*process));
        if (!process)
                return -STATUS_NOMEM;
        process->info = *info;
        list_init(&process->images);
        list_init(&process->in_engine);

        r = index_set(&processes->index, process_key(process), process);
        if (r < 0) {
                free(process);
                return r;
        }
        list_append(&processes->list, &process->in_engine);
        *out = process;
        return 0;
}

void processes_end(struct processes *processes, uint64_t number)
{
        struct process *process = processes_find(processes, number);

        if (process)
                process_free(processes, process);
}

void processes_forget_unused(struct processes *processes, struct process *process)
{
        if (list_is_empty(&process->images))
                process_free(processes, process);
}

static struct image *process_find_image(const struct process *process, struct span token)
{
        list_for_each(node, &process->images) {
                struct image *image = container_of(node, struct image, in_process);

                if (image->has_token == !span_is_absent(token) &&
                    (!image->has_token ||
                     span_equal(span_of(image->token, sizeof(image->token)), token)))
                        return image;
        }
        return NULL;
}

/* Only where a pid tells that it is one process: without, other tokens are other processes. */
static void process_end_old_images(struct processes *processes, struct process *process,
                                   const struct image *current)
{
        if (process->info.number == 0)
                return;
        list_for_each_safe(node, &process->images) {
                struct image *image = container_of(node, struct image, in_process);

                if (image != current && image->has_token && image->n_sessions == 0)
                        image_end(processes, image);
        }
}

int process_join_image(struct processes *processes, struct process *process, struct span token,
                       struct image **out)
{
        struct image *image = process_find_image(process, token);

        if (!image) {
                image = calloc(1, sizeof(*image));
                if (!image)
                        return -STATUS_NOMEM;
                image->process = process;
                holder_init(&image->holder, ++processes->n_images_ever, NULL, process->info.pid);
                table_init(&image->references, &processes->store->world);
                image->has_token = !span_is_absent(token);
                if (image->has_token)
                        memcpy(image->token, token.data, sizeof(image->token));
                list_append(&process->images, &image->in_process);
        }
        ++image->n_sessions;
        if (image->has_token)
                process_end_old_images(processes, process, image);
        *out = image;
        return 0;
}

void image_leave(struct processes *processes, struct image *image)
{
        --image->n_sessions;
        if (image->n_sessions == 0 && image->has_token && image->process->info.number == 0)
                image_end(processes, image);
}

int image_add(struct image *image, struct object *object)
{
        struct table_key key;
        struct table_entry *entry;
        uint64_t count = 1;
        int r;

        table_key_from_bytes(&key, &image->references,
                             span_of(&object->ident, sizeof(object->ident)));
        entry = table_find(&image->references, &key);
        if (entry)
                count += reference_count(entry);
        r = table_set(&image->references, &key, span_of(&count, sizeof(count)), NULL);
        if (r < 0)
                return r;
        ++image->n_references;
        object_retain(object);
        return 0;
}

int image_remove(struct image *image, struct store *store, uint64_t ident)
{
        struct table_key key;
        struct table_entry *entry;
        struct object *object = store_find(store, ident);
        uint64_t count;

        table_key_from_bytes(&key, &image->references, span_of(&ident, sizeof(ident)));
        entry = table_find(&image->references, &key);
        if (!entry || !object)
                return -STATUS_ASSERTION;

        count = reference_count(entry) - 1;
        if (count == 0) {
                table_remove(&image->references, entry);
        } else {
                /* the same size: replaced in place, which cannot fail */
                (void)table_set(&image->references, &key, span_of(&count, sizeof(count)), NULL);
        }
        --image->n_references;
        object_release(object);
        return 0;
}
