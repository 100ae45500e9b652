/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a packer packs against. */

#include "sy-dictionary.h"

#include "sy-shared-packer.h"

struct _SyDictionary {
  SyPacking packing;
  SyLibrary *library;
  SySharedPacker *packer;
  gboolean knows_running;
  gint64 time_us;
};

static GBytes *find_running(SyDictionary *self, const WireIdentity *identity)
{
  const WireBankIdentity *running;

  if (!self->library || identity->running_bank == WIRE_BANK_NONE)
    return NULL;
  running = &identity->banks[identity->running_bank - WIRE_BANK_LOW];
  if (running->state != WIRE_BANK_VALID)
    return NULL;
  return sy_library_find(self->library, (WireBank)identity->running_bank, running->length,
                         running->crc);
}

static void open_packing(void *context, const SyUpload *upload, WireBank bank,
                         const WireIdentity *identity)
{
  SyDictionary *self = context;
  g_autoptr(GBytes) running = find_running(self, identity);
  gsize length = 0;
  const guint8 *bytes = running ? g_bytes_get_data(running, &length) : NULL;
  gint64 start_us = g_get_monotonic_time();

  g_clear_pointer(&self->packer, sy_shared_packer_free);
  self->knows_running = running != NULL;
  self->packer = sy_shared_packer_new(wire_bank_get_addr(bank), upload->bytes, upload->length,
                                      wire_bank_get_addr(wire_bank_other(bank)), bytes, length);
  self->time_us += g_get_monotonic_time() - start_us;
}

static size_t pack(void *context, unsigned block, unsigned count, const uint8_t *readable,
                   uint8_t *to, size_t room)
{
  SyDictionary *self = context;
  gint64 start_us = g_get_monotonic_time();
  size_t length = sy_shared_packer_pack(self->packer, block, count, readable, to, room);

  self->time_us += g_get_monotonic_time() - start_us;
  return length;
}

SyDictionary *sy_dictionary_new(SyLibrary *library)
{
  SyDictionary *self = g_new0(SyDictionary, 1);

  self->library = library;
  self->packing = (SyPacking){.context = self, .open = open_packing, .pack = pack};
  return self;
}

void sy_dictionary_free(SyDictionary *self)
{
  g_clear_pointer(&self->packer, sy_shared_packer_free);
  g_free(self);
}

const SyPacking *sy_dictionary_get_packing(SyDictionary *self)
{
  return &self->packing;
}

gboolean sy_dictionary_knows_running(SyDictionary *self)
{
  return self->knows_running;
}

guint64 sy_dictionary_get_time_us(SyDictionary *self)
{
  return (guint64)self->time_us;
}

void sy_dictionary_tell_life(SyDictionary *self, SyLife *life)
{
  life->host_us = sy_dictionary_get_time_us(self);
  life->knows_running = sy_dictionary_knows_running(self);
}
