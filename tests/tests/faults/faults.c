/* Runs a program, counts the file system calls that it and its threads make below a folder, and makes one of them fail, or
 * kills the program there.
 *
 *   faults ROOT LOG NUMBER ACTION COMMAND...
 *
 * NUMBER   which call, counted from 1 over all threads; 0 for none
 * ACTION   an errno; `full`: this one and all later calls that need room fail with ENOSPC; `kill`: SIGKILL instead of the
 *          call; `torn`: half of a write is made, and then SIGKILL
 * LOG      a line for each call: its number, its name, whether it changes something (w), needs room (n) or neither (r), its path
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD, PATH, AT };
struct call { int nr; const char *name; int by; char kind; };
static const struct call CALLS[] = {
    {SYS_read, "read", FD, 'r'}, {SYS_pread64, "pread64", FD, 'r'}, {SYS_readv, "readv", FD, 'r'},
    {SYS_write, "write", FD, 'n'}, {SYS_pwrite64, "pwrite64", FD, 'n'}, {SYS_writev, "writev", FD, 'n'},
    {SYS_fsync, "fsync", FD, 'n'}, {SYS_fdatasync, "fdatasync", FD, 'n'},
    {SYS_ftruncate, "ftruncate", FD, 'w'}, {SYS_fallocate, "fallocate", FD, 'n'},
    {SYS_flock, "flock", FD, 'l'}, {SYS_fcntl, "fcntl", FD, 'l'}, {SYS_lseek, "lseek", FD, 'r'},
    {SYS_getdents64, "getdents64", FD, 'r'}, {SYS_fstat, "fstat", FD, 'r'}, {SYS_fchmod, "fchmod", FD, 'w'},
    {SYS_fchown, "fchown", FD, 'w'}, {SYS_copy_file_range, "copy_file_range", FD, 'n'}, {SYS_sendfile, "sendfile", FD, 'n'},
    {SYS_truncate, "truncate", PATH, 'w'},
    /* Older calls, which newer machines do without. */
#ifdef SYS_open
    {SYS_open, "open", PATH, 'r'}, {SYS_creat, "creat", PATH, 'n'}, {SYS_rename, "rename", PATH, 'n'},
    {SYS_link, "link", PATH, 'n'}, {SYS_symlink, "symlink", PATH, 'n'}, {SYS_unlink, "unlink", PATH, 'w'},
    {SYS_rmdir, "rmdir", PATH, 'w'}, {SYS_mkdir, "mkdir", PATH, 'n'}, {SYS_chmod, "chmod", PATH, 'w'},
    {SYS_stat, "stat", PATH, 'r'}, {SYS_lstat, "lstat", PATH, 'r'}, {SYS_access, "access", PATH, 'r'},
    {SYS_readlink, "readlink", PATH, 'r'}, {SYS_renameat, "renameat", AT, 'n'},
#endif
    {SYS_openat, "openat", AT, 'r'}, {SYS_renameat2, "renameat2", AT, 'n'},
    {SYS_linkat, "linkat", AT, 'n'}, {SYS_unlinkat, "unlinkat", AT, 'w'}, {SYS_mkdirat, "mkdirat", AT, 'n'},
    {SYS_newfstatat, "newfstatat", AT, 'r'}, {SYS_statx, "statx", AT, 'r'}, {SYS_fchmodat, "fchmodat", AT, 'w'},
    {SYS_readlinkat, "readlinkat", AT, 'r'}, {SYS_faccessat, "faccessat", AT, 'r'},
    {SYS_utimensat, "utimensat", AT, 'w'},
};
enum { COUNT = sizeof CALLS / sizeof *CALLS, LISTENER = 3 };

static void fail(const char *what) { perror(what); exit(125); }

static void observe(void) {
    struct sock_filter code[COUNT + 4];
    int n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < COUNT; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[i].nr, COUNT - i, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs");
    int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (fd != LISTENER) _exit(125);
}

static int text(pid_t pid, unsigned long from, char *to, size_t size) {
    /* A path may end right before a page that is not there. */
    size_t done = 0;
    while (done + 1 < size) {
        size_t piece = 256 - (from + done) % 256;
        if (piece > size - 1 - done) piece = size - 1 - done;
        struct iovec local = {to + done, piece}, remote = {(void *)(from + done), piece};
        if (process_vm_readv(pid, &local, 1, &remote, 1, 0) <= 0) return -1;
        if (memchr(to + done, 0, piece)) return 0;
        done += piece;
    }
    to[done] = 0;
    return 0;
}

static int link_of(pid_t pid, const char *name, char *to, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    ssize_t got = readlink(path, to, size - 1);
    if (got < 0) return -1;
    to[got] = 0;
    return 0;
}

static int by_fd(pid_t pid, int fd, char *to, size_t size) {
    char name[32];
    snprintf(name, sizeof name, "fd/%d", fd);
    return link_of(pid, name, to, size);
}

/* Where the call is. */
static int place(const struct call *call, const struct seccomp_notif *request, char *to, size_t size) {
    const __u64 *args = request->data.args;
    if (call->by == FD) return by_fd(request->pid, (int)args[0], to, size);
    char path[4096];
    if (text(request->pid, args[call->by == AT ? 1 : 0], path, sizeof path)) return -1;
    if (path[0] == '/') return snprintf(to, size, "%s", path), 0;
    int is_cwd = call->by == PATH || (int)args[0] == AT_FDCWD;
    if (is_cwd ? link_of(request->pid, "cwd", to, size) : by_fd(request->pid, (int)args[0], to, size)) return -1;
    size_t used = strlen(to);
    if (path[0]) snprintf(to + used, size - used, "/%s", path);
    return 0;
}

/* What it does: opening may create. */
static char kind(const struct call *call, const struct seccomp_notif *request) {
    int flags = call->nr == SYS_openat ? (int)request->data.args[2] : 0;
#ifdef SYS_open
    if (call->nr == SYS_open) flags = (int)request->data.args[1];
#endif
    return flags & (O_CREAT | O_TRUNC) ? 'n' : call->kind;
}

/* Half of a write. */
static void half(int pidfd, const struct seccomp_notif *request) {
    size_t size = request->data.args[2] / 2;
    int fd = syscall(SYS_pidfd_getfd, pidfd, (int)request->data.args[0], 0);
    char *bytes = malloc(size + 1);
    struct iovec local = {bytes, size}, remote = {(void *)request->data.args[1], size};
    if (fd < 0 || !bytes || process_vm_readv(request->pid, &local, 1, &remote, 1, 0) != (ssize_t)size) fail("half a write");
    if (write(fd, bytes, size) != (ssize_t)size) fail("half a write");
}

int main(int argc, char **argv) {
    if (argc < 6) return fprintf(stderr, "faults ROOT LOG NUMBER ACTION COMMAND...\n"), 125;
    const char *root = argv[1], *action = argv[4];
    long number = atol(argv[3]), counted = 0;
    int error = atoi(action), full = !strcmp(action, "full"), is_hit = 0;
    FILE *log = fopen(argv[2], "we");
    if (!log) fail(argv[2]);
    volatile int *ready = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close_range(LISTENER, ~0U, 0);
        observe();
        *ready = 1;
        while (*ready != 2) {}
        execvp(argv[5], argv + 5);
        _exit(127);
    }
    int pidfd = syscall(SYS_pidfd_open, child, 0), status = 0;
    if (pidfd < 0) fail("pidfd_open");
    while (*ready != 1)
        if (waitpid(child, &status, WNOHANG) == child) return fprintf(stderr, "no seccomp notifications here\n"), 125;
    int listener = syscall(SYS_pidfd_getfd, pidfd, LISTENER, 0);
    if (listener < 0) fail("pidfd_getfd");
    *ready = 2;
    for (;;) {
        struct pollfd poll_on = {listener, POLLIN, 0};
        if (poll(&poll_on, 1, -1) < 0) fail("poll");
        if (!(poll_on.revents & POLLIN)) break;
        struct seccomp_notif request = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request)) continue;
        struct seccomp_notif_resp answer = {.id = request.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        const struct call *call = CALLS;
        while (call->nr != request.data.nr) call++;
        char path[8192];
        size_t length = strlen(root);
        int is_here = !place(call, &request, path, sizeof path) && !strncmp(path, root, length)
                      && (path[length] == 0 || path[length] == '/')
                      && !(call->nr == SYS_fcntl && request.data.args[1] != F_SETLK && request.data.args[1] != F_SETLKW
                           && request.data.args[1] != F_OFD_SETLK && request.data.args[1] != F_OFD_SETLKW);
        if (is_here) {
            char what = kind(call, &request);
            counted++;
            int hit = counted == number || (is_hit && full && what == 'n');
            fprintf(log, "%ld %s %c %s%s\n", counted, call->name, what, path + length, hit ? " !" : "");
            if (hit) {
                is_hit = 1;
                fflush(log);
                if (!strcmp(action, "kill") || !strcmp(action, "torn")) {
                    if (!strcmp(action, "torn") && call->nr == SYS_write) half(pidfd, &request);
                    kill(child, SIGKILL);
                    continue;
                }
                answer.flags = 0;
                answer.error = full ? -ENOSPC : -error;
            }
        }
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    while (waitpid(child, &status, 0) != child) {}
    fclose(log);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}
