/*
** Every page of the database file carries a seal: the last eight bytes of the page, over all
** the others and the page's place in the file. It is put on when a page goes to the disk and
** looked at when one comes back, so that bytes which the disk, the cable or a stray program has
** changed are an error (SQLITE_IOERR_DATA) and never an answer.
**
** This is a thin layer over the system's own file layer, which does all the work: locks, shared
** memory, syncing. It only touches the main database file. The write-ahead log has checksums of
** its own, and its pages are sealed on their way into the database.
**
** The store asks for eight reserved bytes a page when it creates a database, opens databases
** with the layer "sealed" and no other, and refuses to run without it. SQLite calls
** healthflow_seal_pages() while it starts, before anybody can open a connection.
*/
#include <string.h>
#include "sqlite3.h"

#define PAGE_BYTES 4096
#define SEAL_BYTES 8
#define SMALLEST_PAGE 512
#define WORDS ((PAGE_BYTES - SEAL_BYTES) / 8)

typedef unsigned char byte;
typedef sqlite3_uint64 u64;

/* Ours, and behind it in the same memory the system's. */
typedef struct SealedFile {
  sqlite3_file base;
} SealedFile;

#define REAL(file) ((sqlite3_file *)((SealedFile *)(file) + 1))
#define REAL_VFS(vfs) ((sqlite3_vfs *)(vfs)->pAppData)

/* Little-endian on every machine, so that a copy can be opened anywhere. */
static u64 little_endian(u64 word){
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static u64 load(const byte *at){
  u64 word;
  memcpy(&word, at, sizeof word);
  return little_endian(word);
}

static void store(byte *at, u64 word){
  word = little_endian(word);
  memcpy(at, &word, sizeof word);
}

/* Every step is a bijection of the lane, so a change in one word always shows. */
static u64 stir(u64 lane, u64 word){
  lane = (lane ^ word) * 0x9E3779B185EBCA87ULL;
  return (lane << 31) | (lane >> 33);
}

/* Four lanes, because one alone would wait for each multiplication. */
static u64 seal_of(const byte *page, sqlite3_int64 offset){
  u64 place = (u64)(offset / PAGE_BYTES) + 1;
  u64 a = place, b = ~place, c = place << 32, d = 0x48466C77ULL;
  int i;
  for( i = 0; i + 4 <= WORDS; i += 4 ){
    a = stir(a, load(page + 8 * i));
    b = stir(b, load(page + 8 * i + 8));
    c = stir(c, load(page + 8 * i + 16));
    d = stir(d, load(page + 8 * i + 24));
  }
  for( ; i < WORDS; i++ ) a = stir(a, load(page + 8 * i));
  a = stir(stir(stir(stir(a, b), c), d), WORDS);
  return a ^ (a >> 29);
}

static int is_zero(const byte *page){
  int i;
  for( i = 0; i < PAGE_BYTES; i++ ) if( page[i] ) return 0;
  return 1;
}

/* A page that was never written, in a file that has grown past it, is all zero. */
static int check_page(const byte *page, sqlite3_int64 offset){
  if( load(page + PAGE_BYTES - SEAL_BYTES) == seal_of(page, offset) ) return SQLITE_OK;
  if( is_zero(page) ) return SQLITE_OK;
  sqlite3_log(SQLITE_IOERR_DATA, "page %lld does not match its seal", offset / PAGE_BYTES + 1);
  return SQLITE_IOERR_DATA;
}

static int is_page(int amount, sqlite3_int64 offset){
  return amount == PAGE_BYTES && offset % PAGE_BYTES == 0;
}

/* SQLite reads whole pages, and a few bytes of the header that it reads again with page 1. A
** page of another size means that the header was changed. */
static int sealed_read(sqlite3_file *file, void *into, int amount, sqlite3_int64 offset){
  int rc = REAL(file)->pMethods->xRead(REAL(file), into, amount, offset);
  if( rc == SQLITE_IOERR_SHORT_READ && is_page(amount, offset) ){
    /* Past the end all is zero; anything else is a page that was cut off. */
    return is_zero(into) ? rc : SQLITE_IOERR_DATA;
  }
  if( rc != SQLITE_OK || amount < SMALLEST_PAGE ) return rc;
  return is_page(amount, offset) ? check_page(into, offset) : SQLITE_IOERR_DATA;
}

/* Seals a copy: the page that SQLite keeps stays as it is. */
static int sealed_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 offset){
  byte page[PAGE_BYTES];
  if( !is_page(amount, offset) ) return SQLITE_IOERR_WRITE;
  memcpy(page, from, PAGE_BYTES - SEAL_BYTES);
  store(page + PAGE_BYTES - SEAL_BYTES, seal_of(page, offset));
  return REAL(file)->pMethods->xWrite(REAL(file), page, amount, offset);
}

static int sealed_close(sqlite3_file *file){
  return REAL(file)->pMethods->xClose(REAL(file));
}
static int sealed_truncate(sqlite3_file *file, sqlite3_int64 size){
  return REAL(file)->pMethods->xTruncate(REAL(file), size);
}
static int sealed_sync(sqlite3_file *file, int flags){
  return REAL(file)->pMethods->xSync(REAL(file), flags);
}
static int sealed_file_size(sqlite3_file *file, sqlite3_int64 *size){
  return REAL(file)->pMethods->xFileSize(REAL(file), size);
}
static int sealed_lock(sqlite3_file *file, int level){
  return REAL(file)->pMethods->xLock(REAL(file), level);
}
static int sealed_unlock(sqlite3_file *file, int level){
  return REAL(file)->pMethods->xUnlock(REAL(file), level);
}
static int sealed_check_reserved_lock(sqlite3_file *file, int *taken){
  return REAL(file)->pMethods->xCheckReservedLock(REAL(file), taken);
}
static int sealed_file_control(sqlite3_file *file, int op, void *argument){
  return REAL(file)->pMethods->xFileControl(REAL(file), op, argument);
}
static int sealed_sector_size(sqlite3_file *file){
  return REAL(file)->pMethods->xSectorSize(REAL(file));
}
/* Part of a page cannot be checked. */
static int sealed_device_characteristics(sqlite3_file *file){
  return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)) & ~SQLITE_IOCAP_SUBPAGE_READ;
}
static int sealed_shm_map(sqlite3_file *file, int n, int size, int grow, void volatile **at){
  return REAL(file)->pMethods->xShmMap(REAL(file), n, size, grow, at);
}
static int sealed_shm_lock(sqlite3_file *file, int offset, int n, int flags){
  return REAL(file)->pMethods->xShmLock(REAL(file), offset, n, flags);
}
static void sealed_shm_barrier(sqlite3_file *file){
  REAL(file)->pMethods->xShmBarrier(REAL(file));
}
static int sealed_shm_unmap(sqlite3_file *file, int erase){
  return REAL(file)->pMethods->xShmUnmap(REAL(file), erase);
}
static int sealed_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *at){
  return REAL(file)->pMethods->xUnfetch(REAL(file), offset, at);
}
static int sealed_fetch(sqlite3_file *file, sqlite3_int64 offset, int amount, void **at){
  int rc;
  *at = 0;
  if( !is_page(amount, offset) ) return SQLITE_OK;
  rc = REAL(file)->pMethods->xFetch(REAL(file), offset, amount, at);
  if( rc != SQLITE_OK || *at == 0 ) return rc;
  rc = check_page(*at, offset);
  if( rc != SQLITE_OK ){
    sealed_unfetch(file, offset, *at);
    *at = 0;
  }
  return rc;
}

static const sqlite3_io_methods sealed_methods = {
  3,
  sealed_close, sealed_read, sealed_write, sealed_truncate, sealed_sync, sealed_file_size,
  sealed_lock, sealed_unlock, sealed_check_reserved_lock, sealed_file_control,
  sealed_sector_size, sealed_device_characteristics,
  sealed_shm_map, sealed_shm_lock, sealed_shm_barrier, sealed_shm_unmap,
  sealed_fetch, sealed_unfetch
};

static int vfs_open(
  sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *flags_out
){
  sqlite3_vfs *real = REAL_VFS(vfs);
  int rc;
  if( (flags & SQLITE_OPEN_MAIN_DB) == 0 ) return real->xOpen(real, name, file, flags, flags_out);
  file->pMethods = 0;
  rc = real->xOpen(real, name, REAL(file), flags, flags_out);
  if( rc == SQLITE_OK && REAL(file)->pMethods->iVersion < sealed_methods.iVersion ){
    rc = SQLITE_CANTOPEN;
  }
  if( rc == SQLITE_OK ){
    file->pMethods = &sealed_methods;
  }else if( REAL(file)->pMethods ){
    REAL(file)->pMethods->xClose(REAL(file));
  }
  return rc;
}
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync){
  return REAL_VFS(vfs)->xDelete(REAL_VFS(vfs), name, sync);
}
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer){
  return REAL_VFS(vfs)->xAccess(REAL_VFS(vfs), name, flags, answer);
}
static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int n, char *into){
  return REAL_VFS(vfs)->xFullPathname(REAL_VFS(vfs), name, n, into);
}
static void *vfs_dl_open(sqlite3_vfs *vfs, const char *name){
  return REAL_VFS(vfs)->xDlOpen(REAL_VFS(vfs), name);
}
static void vfs_dl_error(sqlite3_vfs *vfs, int n, char *into){
  REAL_VFS(vfs)->xDlError(REAL_VFS(vfs), n, into);
}
static void (*vfs_dl_sym(sqlite3_vfs *vfs, void *library, const char *name))(void){
  return REAL_VFS(vfs)->xDlSym(REAL_VFS(vfs), library, name);
}
static void vfs_dl_close(sqlite3_vfs *vfs, void *library){
  REAL_VFS(vfs)->xDlClose(REAL_VFS(vfs), library);
}
static int vfs_randomness(sqlite3_vfs *vfs, int n, char *into){
  return REAL_VFS(vfs)->xRandomness(REAL_VFS(vfs), n, into);
}
static int vfs_sleep(sqlite3_vfs *vfs, int micros){
  return REAL_VFS(vfs)->xSleep(REAL_VFS(vfs), micros);
}
static int vfs_current_time(sqlite3_vfs *vfs, double *now){
  return REAL_VFS(vfs)->xCurrentTime(REAL_VFS(vfs), now);
}
static int vfs_get_last_error(sqlite3_vfs *vfs, int n, char *into){
  return REAL_VFS(vfs)->xGetLastError(REAL_VFS(vfs), n, into);
}
static int vfs_current_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *now){
  return REAL_VFS(vfs)->xCurrentTimeInt64(REAL_VFS(vfs), now);
}

static sqlite3_vfs sealed_vfs = {
  2, 0, 0, 0, "sealed", 0,
  vfs_open, vfs_delete, vfs_access, vfs_full_pathname,
  vfs_dl_open, vfs_dl_error, vfs_dl_sym, vfs_dl_close,
  vfs_randomness, vfs_sleep, vfs_current_time, vfs_get_last_error, vfs_current_time_int64,
  0, 0, 0
};

/* Adds the layer beside the system's own, which stays the default. */
int healthflow_seal_pages(const char *unused){
  sqlite3_vfs *real = sqlite3_vfs_find(0);
  (void)unused;
  if( real == 0 || real->iVersion < 2 ) return SQLITE_ERROR;
  sealed_vfs.pAppData = real;
  sealed_vfs.mxPathname = real->mxPathname;
  sealed_vfs.szOsFile = (int)sizeof(SealedFile) + real->szOsFile;
  return sqlite3_vfs_register(&sealed_vfs, 0);
}
