/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyReadAhead.
 *
 * Chunks go round: empty to the thread, full to the caller and back. The first chunk is read
 * without a thread: most files have no second.
 */

#include "sy-read-ahead.h"

enum { CHUNKS = 4 };

typedef struct {
  gsize got;
  GError *error; /* instead of what was got */
  char bytes[SY_READ_AHEAD_CHUNK];
} Chunk;

struct _SyReadAhead {
  GInputStream *stream;
  GCancellable *cancellable;
  GThread *thread; /* NULL before the second chunk */
  GAsyncQueue *empty;
  GAsyncQueue *full;
  Chunk *taken;  /* the caller's; NULL before the first */
  gint given_up; /* atomic: nobody wants more */
};

static void read_chunk(SyReadAhead *self, Chunk *chunk)
{
  chunk->got = 0;
  g_clear_error(&chunk->error);
  g_input_stream_read_all(self->stream, chunk->bytes, sizeof chunk->bytes, &chunk->got,
                          self->cancellable, &chunk->error);
}

/* Ends with the stream, an error, or when nobody wants more. */
static gpointer read_on(gpointer data)
{
  SyReadAhead *self = data;
  gboolean more = TRUE;

  while (more) {
    Chunk *chunk = g_async_queue_pop(self->empty);

    more = !g_atomic_int_get(&self->given_up);
    if (more) {
      read_chunk(self, chunk);
      more = !chunk->error && chunk->got == sizeof chunk->bytes;
    }
    g_async_queue_push(self->full, chunk);
  }
  return NULL;
}

static void chunk_free(gpointer data)
{
  Chunk *chunk = data;

  g_clear_error(&chunk->error);
  g_free(chunk);
}

SyReadAhead *sy_read_ahead_new(GInputStream *stream, GCancellable *cancellable)
{
  g_return_val_if_fail(G_IS_INPUT_STREAM(stream), NULL);

  SyReadAhead *self = g_new0(SyReadAhead, 1);

  self->stream = g_object_ref(stream);
  g_set_object(&self->cancellable, cancellable);
  self->empty = g_async_queue_new_full(chunk_free);
  self->full = g_async_queue_new_full(chunk_free);
  return self;
}

void sy_read_ahead_free(SyReadAhead *self)
{
  if (!self)
    return;
  g_atomic_int_set(&self->given_up, TRUE);
  if (self->taken)
    g_async_queue_push(self->empty, self->taken);
  if (self->thread)
    g_thread_join(self->thread);
  g_async_queue_unref(self->empty);
  g_async_queue_unref(self->full);
  g_clear_object(&self->cancellable);
  g_object_unref(self->stream);
  g_free(self);
}

static void start_thread(SyReadAhead *self)
{
  for (guint n = 1; n < CHUNKS; n++)
    g_async_queue_push(self->empty, g_new0(Chunk, 1));
  self->thread = g_thread_new("read-ahead", read_on, self);
}

static Chunk *take(SyReadAhead *self)
{
  if (!self->taken) {
    Chunk *first = g_new0(Chunk, 1);

    read_chunk(self, first);
    return first;
  }
  if (!self->thread)
    start_thread(self);
  g_async_queue_push(self->empty, self->taken);
  return g_async_queue_pop(self->full);
}

gboolean sy_read_ahead_next(SyReadAhead *self, const char **chunk, gsize *got, GError **error)
{
  g_return_val_if_fail(self && chunk && got, FALSE);

  self->taken = take(self);
  *chunk = self->taken->bytes;
  *got = self->taken->got;
  if (!self->taken->error)
    return TRUE;
  g_propagate_error(error, g_steal_pointer(&self->taken->error));
  return FALSE;
}
