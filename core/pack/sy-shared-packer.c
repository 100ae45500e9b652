/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One packing for several upgrades. */

#include "sy-shared-packer.h"

#include <string.h>

/* What one image makes, in frames lost and sent again in any order, is less by far. */
enum { PIECES_MAX = 4096 };

/* What a packed piece depends on. */
typedef struct {
  guint block, count;
  guint8 readable[WIRE_UNPACK_READABLE_SIZE];
} Key;

typedef struct {
  Key key;
  gboolean ready; /* else somebody packs it */
  gsize length;
  guint8 bytes[WIRE_UNPACK_BLOCKS_MAX * WIRE_BLOCK_SIZE + WIRE_UNPACK_OVERHEAD_MAX];
} Piece;

/* Of all that pack the same. */
typedef struct {
  guint users;
  guint32 addr, other_addr;
  GBytes *image, *other; /* other may be NULL */
  GHashTable *pieces;
} Scene;

struct _SySharedPacker {
  Scene *scene;
  SyPacker *packer; /* NULL until it has to pack itself */
  guint packed;
};

static GMutex mutex; /* for all that follows, and the scenes */
static GCond packed;
static GPtrArray *scenes; /* NULL: none */

static guint hash_key(gconstpointer data)
{
  const Key *key = data;
  guint hash = key->block * 31 + key->count;

  for (guint i = 0; i < sizeof key->readable; i++)
    hash = hash * 33 + key->readable[i];
  return hash;
}

static gboolean is_same_key(gconstpointer a, gconstpointer b)
{
  const Key *key = a, *other = b;

  return key->block == other->block && key->count == other->count &&
         memcmp(key->readable, other->readable, sizeof key->readable) == 0;
}

static gboolean is_same_bytes(GBytes *bytes, GBytes *other)
{
  return bytes && other ? g_bytes_equal(bytes, other) : bytes == other;
}

static GBytes *copy_bytes(const guint8 *bytes, gsize length)
{
  return bytes ? g_bytes_new(bytes, length) : NULL;
}

static void scene_free(Scene *scene)
{
  g_bytes_unref(scene->image);
  g_clear_pointer(&scene->other, g_bytes_unref);
  g_hash_table_unref(scene->pieces);
  g_free(scene);
}

static gboolean is_same_scene(const Scene *scene, const Scene *other)
{
  return scene->addr == other->addr && scene->other_addr == other->other_addr &&
         is_same_bytes(scene->image, other->image) && is_same_bytes(scene->other, other->other);
}

/* The one that is there already, or `wanted`, which is taken either way. */
static Scene *join_scene(Scene *wanted)
{
  g_mutex_lock(&mutex);
  if (!scenes)
    scenes = g_ptr_array_new();
  for (guint n = 0; n < scenes->len; n++) {
    Scene *scene = g_ptr_array_index(scenes, n);

    if (!is_same_scene(scene, wanted))
      continue;
    scene->users++;
    g_mutex_unlock(&mutex);
    scene_free(wanted);
    return scene;
  }
  wanted->users = 1;
  g_ptr_array_add(scenes, wanted);
  g_mutex_unlock(&mutex);
  return wanted;
}

static void leave_scene(Scene *scene)
{
  gboolean last;

  g_mutex_lock(&mutex);
  last = --scene->users == 0;
  if (last)
    g_ptr_array_remove_fast(scenes, scene);
  if (scenes->len == 0)
    g_clear_pointer(&scenes, g_ptr_array_unref);
  g_mutex_unlock(&mutex);
  if (last)
    scene_free(scene);
}

SySharedPacker *sy_shared_packer_new(guint32 addr, const guint8 *image, gsize length,
                                     guint32 other_addr, const guint8 *other, gsize other_length)
{
  SySharedPacker *self = g_new0(SySharedPacker, 1);
  Scene *scene = g_new0(Scene, 1);

  scene->addr = addr;
  scene->image = copy_bytes(image, length);
  scene->other_addr = other_addr;
  scene->other = copy_bytes(other, other_length);
  scene->pieces = g_hash_table_new_full(hash_key, is_same_key, NULL, g_free);
  self->scene = join_scene(scene);
  return self;
}

void sy_shared_packer_free(SySharedPacker *self)
{
  g_clear_pointer(&self->packer, sy_packer_free);
  leave_scene(self->scene);
  g_free(self);
}

static gsize pack(SySharedPacker *self, const Key *key, guint8 *to, gsize room)
{
  const Scene *scene = self->scene;
  gsize length, other_length = 0;
  const guint8 *image = g_bytes_get_data(scene->image, &length);
  const guint8 *other = scene->other ? g_bytes_get_data(scene->other, &other_length) : NULL;

  if (!self->packer)
    self->packer =
        sy_packer_new(scene->addr, image, length, scene->other_addr, other, other_length);
  self->packed++;
  return sy_packer_pack(self->packer, key->block, key->count, key->readable, to, room);
}

/* One that somebody has packed, or packs just now; or a new one that the caller is to pack, told by
 * `mine`. NULL when there are too many. The mutex is held. */
static Piece *find_piece(SySharedPacker *self, const Key *key, gboolean *mine)
{
  GHashTable *pieces = self->scene->pieces;
  Piece *piece = g_hash_table_lookup(pieces, key);

  *mine = FALSE;
  while (piece && !piece->ready)
    g_cond_wait(&packed, &mutex);
  if (piece || g_hash_table_size(pieces) >= PIECES_MAX)
    return piece;
  *mine = TRUE;
  piece = g_new0(Piece, 1);
  piece->key = *key;
  g_hash_table_insert(pieces, &piece->key, piece);
  return piece;
}

gsize sy_shared_packer_pack(SySharedPacker *self, guint block, guint count, const guint8 *readable,
                            guint8 *to, gsize room)
{
  Key key = {.block = block, .count = count};
  gboolean mine;
  Piece *piece;

  memcpy(key.readable, readable, sizeof key.readable);
  g_mutex_lock(&mutex);
  piece = find_piece(self, &key, &mine);
  g_mutex_unlock(&mutex);
  if (!piece)
    return pack(self, &key, to, room);
  if (mine) {
    gsize length = pack(self, &key, piece->bytes, sizeof piece->bytes);

    g_mutex_lock(&mutex);
    piece->length = length;
    piece->ready = TRUE;
    g_cond_broadcast(&packed);
    g_mutex_unlock(&mutex);
  }
  /* Never changed again, and there as long as its users. */
  if (piece->length > room)
    return 0;
  memcpy(to, piece->bytes, piece->length);
  return piece->length;
}

guint sy_shared_packer_count_packed(const SySharedPacker *self)
{
  return self->packed;
}
