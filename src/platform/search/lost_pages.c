/*
** The search engine maps its files. When somebody cuts one of them short under the running
** server, the next look at a page that is gone is the signal SIGBUS, which ends the process: a
** whole hospital for a file that can be built again at any time.
**
** This takes the signal for files of the search index, and for nothing else. It leaves the file
** `lost` beside the one that was cut and puts empty pages in the place of those that are gone.
** Whoever reads on finds nothing or nonsense, sees `lost`, and has the index built again.
** For every other page the process ends as it always did.
**
** Where the address belongs to is asked of the system (/proc/self/maps), so that nothing has to
** be kept about every file. Only calls that are allowed in a signal handler are made, and the
** buffers are static: threads take turns. Windows does not let anybody cut a mapped file.
*/
#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OF_THE_INDEX "/generation-"
#define MARK "lost"

static atomic_flag busy = ATOMIC_FLAG_INIT;
static char chunk[4096];
/* One line: two addresses, permissions, offset, device, inode, and the longest path. */
static char line[4096 + 256];

/* Reads a hexadecimal number and the character behind it. */
static uintptr_t number(const char **at){
  uintptr_t value = 0;
  for(;; ++*at){
    char c = **at;
    if( c>='0' && c<='9' ) value = value*16 + (uintptr_t)(c-'0');
    else if( c>='a' && c<='f' ) value = value*16 + (uintptr_t)(c-'a'+10);
    else break;
  }
  if( **at ) ++*at;
  return value;
}

/* Whether `line` is the mapping of `address`; then where it ends and the path of its file. */
static int is_mapping_of(uintptr_t address, uintptr_t *end, char **path){
  const char *at = line;
  uintptr_t start = number(&at);
  *end = number(&at);
  *path = strchr(line, '/');
  return start<=address && address<*end && *path;
}

/* Finds the mapping of `address`. */
static int find(uintptr_t address, uintptr_t *end, char **path){
  int found = 0;
  size_t length = 0;
  ssize_t got = 0;
  int maps = open("/proc/self/maps", O_RDONLY|O_CLOEXEC);
  if( maps<0 ) return 0;
  while( !found && (got = read(maps, chunk, sizeof chunk))>0 ){
    for(ssize_t i=0; i<got && !found; i++){
      if( chunk[i]!='\n' ){
        if( length<sizeof line-1 ) line[length++] = chunk[i];
        continue;
      }
      line[length] = 0;
      length = 0;
      found = is_mapping_of(address, end, path);
    }
  }
  close(maps);
  return found;
}

/* Leaves the mark in the folder of the file `path`, which is overwritten. */
static int leave_mark(char *path){
  char *name = strrchr(path, '/') + 1;
  if( name+sizeof MARK>line+sizeof line ) return 0;
  memcpy(name, MARK, sizeof MARK);
  int mark = open(path, O_WRONLY|O_CREAT|O_CLOEXEC, 0600);
  if( mark<0 ) return 0;
  close(mark);
  return 1;
}

static int replace(uintptr_t address){
  uintptr_t end = 0;
  char *path = 0;
  if( !find(address, &end, &path) || !strstr(path, OF_THE_INDEX) ) return 0;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t from = address/page*page;
  /* The mark first: nobody may read an empty page before it is there. */
  return leave_mark(path) &&
    mmap((void*)from, end-from, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)
      !=MAP_FAILED;
}

static void on_lost_page(int signal_number, siginfo_t *about, void *context){
  int kept = errno;
  (void)context;
  while( atomic_flag_test_and_set(&busy) ){}
  int replaced = about->si_code==BUS_ADRERR && replace((uintptr_t)about->si_addr);
  atomic_flag_clear(&busy);
  /* The instruction runs again, and ends the process if nothing was mended. */
  if( !replaced ) signal(signal_number, SIG_DFL);
  errno = kept;
}

/* Before `main`, so that no call is needed; the runtime leaves a signal alone that is taken. */
__attribute__((constructor)) static void take_lost_pages(void){
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_lost_page;
  action.sa_flags = SA_SIGINFO|SA_ONSTACK;
  sigaction(SIGBUS, &action, 0);
}
#endif
