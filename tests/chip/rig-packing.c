/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The packing. */

#include "rig-packing.h"

#include "sy-packer.h"

#include <string.h>

/* An image and what it is packed against. */
typedef struct RigPackers {
  SyPacker *packer;
  GHashTable *packed; /* Key to GBytes */
} RigPackers;

typedef struct {
  uint16_t block, count;
  uint8_t readable[WIRE_UNPACK_READABLE_SIZE];
} Key;

static guint hash_key(gconstpointer key)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static(key, sizeof(Key));

  return g_bytes_hash(bytes);
}

static gboolean is_same_key(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(Key)) == 0;
}

static void open_packing(void *context, const SyUpload *upload, WireBank bank,
                         const WireIdentity *identity)
{
  static GHashTable *all;
  RigPacking *self = context;
  WireBank other = wire_bank_other(bank);
  const WireBankIdentity *running = &identity->banks[other - WIRE_BANK_LOW];
  bool known = running->state == WIRE_BANK_VALID && identity->running_bank == other;
  gint64 key = (gint64)((guint64)upload->crc << 32 | (known ? running->crc : 0));

  if (!all)
    all = g_hash_table_new(g_int64_hash, g_int64_equal);
  self->packers = g_hash_table_lookup(all, &key);
  if (self->packers)
    return;
  self->packers = g_new0(RigPackers, 1);
  self->packers->packed =
      g_hash_table_new_full(hash_key, is_same_key, g_free, (GDestroyNotify)g_bytes_unref);
  self->packers->packer = sy_packer_new(
      wire_bank_get_addr(bank), upload->bytes, upload->length, wire_bank_get_addr(other),
      known ? sim_chip_flash(self->chip) + wire_bank_get_addr(other) : NULL,
      known ? running->length : 0);
  g_hash_table_insert(all, g_memdup2(&key, sizeof key), self->packers);
}

static size_t pack(void *context, unsigned block, unsigned count, const uint8_t *readable,
                   uint8_t *to, size_t room)
{
  RigPackers *packers = ((RigPacking *)context)->packers;
  Key key = {.block = (uint16_t)block, .count = (uint16_t)count};
  GBytes *bytes;

  memcpy(key.readable, readable, sizeof key.readable);
  bytes = g_hash_table_lookup(packers->packed, &key);
  if (!bytes) {
    bytes = g_bytes_new(to, sy_packer_pack(packers->packer, block, count, readable, to, room));
    g_hash_table_insert(packers->packed, g_memdup2(&key, sizeof key), bytes);
  }
  if (g_bytes_get_size(bytes) > 0)
    memcpy(to, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
  return g_bytes_get_size(bytes);
}

const SyPacking *rig_packing_set_up(RigPacking *self, SimChip *chip)
{
  self->packing = (SyPacking){.context = self, .open = open_packing, .pack = pack};
  self->chip = chip;
  return &self->packing;
}
