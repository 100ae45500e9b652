/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What packing gains and what it costs, on the images of the build and on files that are named:
 * ratio in frames of two blocks, the same with four blocks still on their way, LZ4 HC with the same
 * dictionary, cycles of the loader's decoder on the modelled chip, time of the packer.
 *
 *   packing [FILE…]
 */

#include "packing-chip.h"
#include "sy-packer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef HAVE_LZ4
#include <lz4hc.h>
#endif

enum {
  BLOCK = WIRE_BLOCK_SIZE,
  FRAME = WIRE_UNPACK_BLOCKS_MAX * BLOCK,
  ROOM = FRAME + WIRE_UNPACK_OVERHEAD_MAX,
  BLOCKS_ON_THE_WAY = 4,
};

typedef struct {
  guint8 bytes[WIRE_RELEASE_SIZE_MAX]; /* filled up with 0xff */
  gsize length;
} Image;

typedef struct {
  gsize packed;
  gsize frames;
  guint64 cycles;
  double worst_cycles; /* a byte, in one frame */
  double ms, worst_ms;
} Figures;

static gboolean load(const char *path, Image *image)
{
  g_autofree char *bytes = NULL;
  gsize length;

  if (!g_file_get_contents(path, &bytes, &length, NULL))
    return FALSE;
  image->length = MIN(length, sizeof image->bytes);
  memset(image->bytes, 0xff, sizeof image->bytes);
  memcpy(image->bytes, bytes, image->length);
  return TRUE;
}

static guint count_blocks(const Image *image)
{
  return (guint)(image->length + BLOCK - 1) / BLOCK;
}

static double now_ms(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void allow(guint8 *readable, guint32 addr)
{
  readable[addr / BLOCK / 8] |= (guint8)(1 << addr / BLOCK % 8);
}

static void pack_frame(SyPacker *packer, const WireUnpack *source, guint32 addr, guint block,
                       const Image *image, Figures *figures)
{
  guint count = MIN(WIRE_UNPACK_BLOCKS_MAX, count_blocks(image) - block);
  guint8 packed[ROOM], to[FRAME];
  double start = now_ms(), ms;
  gsize length = sy_packer_pack(packer, block, count, source->readable, packed, sizeof packed);
  guint64 cycles;

  ms = now_ms() - start;
  cycles = packing_chip_unpack(source, packed, length, addr + block * BLOCK, to, count * BLOCK);
  if (cycles == 0 || memcmp(to, image->bytes + block * BLOCK, count * BLOCK) != 0) {
    g_printerr("packing: block %u does not come out as it went in\n", block);
    exit(1);
  }
  figures->packed += length;
  figures->frames++;
  figures->cycles += cycles;
  figures->worst_cycles = MAX(figures->worst_cycles, (double)cycles / (count * BLOCK));
  figures->ms += ms;
  figures->worst_ms = MAX(figures->worst_ms, ms);
}

static Figures pack_all(guint32 addr, const Image *image, const Image *other, guint lag)
{
  static guint8 flash[WIRE_FLASH_SIZE];
  guint32 other_addr = WIRE_LOW_ADDR + WIRE_HIGH_ADDR - addr;
  guint8 readable[WIRE_UNPACK_READABLE_SIZE] = {0};
  const WireUnpack source = {flash, readable};
  gsize other_length = other ? other->length : 0;
  g_autoptr(SyPacker) packer = sy_packer_new(addr, image->bytes, image->length, other_addr,
                                             other ? other->bytes : NULL, other_length);
  Figures figures = {0};

  memset(flash, 0xff, sizeof flash);
  for (gsize at = 0; at < other_length; at += BLOCK) {
    memcpy(flash + other_addr + at, other->bytes + at, BLOCK);
    allow(readable, other_addr + (guint32)at);
  }
  for (guint block = 0, written = 0; block < count_blocks(image); block += WIRE_UNPACK_BLOCKS_MAX) {
    for (; written + lag < block; written++) {
      memcpy(flash + addr + written * BLOCK, image->bytes + written * BLOCK, BLOCK);
      allow(readable, addr + written * BLOCK);
    }
    pack_frame(packer, &source, addr, block, image, &figures);
  }
  return figures;
}

/* Ratio of the peer, or 0 without it. Its window reaches 64 KB back over both programs. */
static double pack_with_lz4(const Image *image, const Image *other)
{
#ifdef HAVE_LZ4
  gsize before = other ? count_blocks(other) * BLOCK : 0;
  gsize length = count_blocks(image) * BLOCK, packed = 0;
  g_autofree char *bytes = g_malloc(before + length);
  LZ4_streamHC_t *stream = LZ4_createStreamHC();

  if (other)
    memcpy(bytes, other->bytes, before);
  memcpy(bytes + before, image->bytes, length);
  for (gsize at = 0; at < length; at += FRAME) {
    char to[LZ4_COMPRESSBOUND(FRAME)];

    LZ4_resetStreamHC_fast(stream, LZ4HC_CLEVEL_MAX);
    LZ4_loadDictHC(stream, bytes, (int)(before + at));
    packed += (gsize)LZ4_compress_HC_continue(stream, bytes + before + at, to,
                                              (int)MIN(FRAME, length - at), sizeof to);
  }
  LZ4_freeStreamHC(stream);
  return (double)packed / (double)length;
#else
  (void)image;
  (void)other;
  return 0;
#endif
}

static void print_row(const char *name, guint32 addr, const Image *image, const Image *other)
{
  double length = count_blocks(image) * BLOCK;
  Figures figures = pack_all(addr, image, other, 0);
  Figures lagging = pack_all(addr, image, other, BLOCKS_ON_THE_WAY);

  g_print("%-34s %6.0f  %.4f  %.4f  %.4f  %6.1f %6.1f  %5.2f %5.2f\n", name, length,
          (double)figures.packed / length, (double)lagging.packed / length,
          pack_with_lz4(image, other), (double)figures.cycles / length, figures.worst_cycles,
          figures.ms / (double)figures.frames, figures.worst_ms);
}

static void print_image(const char *path)
{
  g_autofree char *name = g_path_get_basename(path);
  Image image;

  if (load(path, &image))
    print_row(name, WIRE_LOW_ADDR, &image, NULL);
  else
    g_print("%-34s is not there\n", name);
}

/* The one that runs, the one that is sent; each is named after its bank. */
static void print_difference(const char *from, const char *to)
{
  g_autofree char *from_path = g_strdup_printf(FIRMWARE_DIR "/images/program-%s.bin", from);
  g_autofree char *to_path = g_strdup_printf(FIRMWARE_DIR "/images/program-%s.bin", to);
  g_autofree char *name = g_strdup_printf("%s to %s", from, to);
  Image old, new;

  if (load(from_path, &old) && load(to_path, &new))
    print_row(name, g_str_has_prefix(to, "low") ? WIRE_LOW_ADDR : WIRE_HIGH_ADDR, &new, &old);
  else
    g_print("%-34s is not there\n", name);
}

int main(int argc, char **argv)
{
  size_t decoder = packing_chip_load(UNPACK_ELF, UNPACK_BIN);

  if (decoder == 0) {
    g_printerr("packing: %s is not there\n", UNPACK_BIN);
    return 1;
  }
  g_print("decoder, as the loader is built: %zu bytes\n", decoder);
#ifndef HAVE_LZ4
  g_print("no LZ4 to compare with: install liblz4-dev and configure anew\n");
#endif
  g_print("%-34s %6s  %6s  %6s  %6s  %13s  %11s\n", "", "", "", "4 on", "", "cycles a byte",
          "ms a frame");
  g_print("%-34s %6s  %6s  %6s  %6s  %6s %6s  %5s %5s\n", "image", "bytes", "ratio", "way",
          "LZ4 HC", "mean", "worst", "mean", "worst");
  print_image(FIRMWARE_DIR "/images/program-low-1.0.0.bin");
  print_image(FIRMWARE_DIR "/images/program-low-1.3.0.bin");
  print_difference("low-1.0.0", "high-1.1.0");
  print_difference("low-1.3.0", "high-1.3.0");
  print_difference("low-1.3.0", "high-1.3.1");
  print_difference("high-1.3.0", "low-1.3.1");
  for (int i = 1; i < argc; i++)
    print_image(argv[i]);
  return 0;
}
