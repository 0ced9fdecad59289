//! Options with which programs that are no interpreters run code all the same.
//!
//! A long option counts by any abbreviation that GNU getopt would take, a letter in any cluster: too much
//! suspicion costs an approval, too little the target.

use super::{layer::Layer, names::Program, tree::Word};

/// One row: a program, and what in its words runs code.
struct Known {
    names: &'static [&'static str],
    /// Letters, anywhere in a cluster after one dash.
    letters: &'static str,
    /// Long options without their dashes.
    long: &'static [&'static str],
    /// Words that do by themselves: subcommands, find-like options.
    words: &'static [&'static str],
    /// Texts that do anywhere in a word, in small letters.
    texts: &'static [&'static str],
    /// Texts that do at the start of a word.
    starts: &'static [&'static str],
}

const NOTHING: Known = Known { names: &[], letters: "", long: &[], words: &[], texts: &[], starts: &[] };

/// Programs that run something else whatever their words, or that a person types into.
const ALWAYS: &[&str] = &[
    "at",
    "batch",
    "parallel",
    "tmux",
    "screen",
    "script",
    "systemd-run",
    "nsenter",
    "unshare",
    "strace",
    "ltrace",
    "gdb",
    "lldb",
    "perf",
    "entr",
    "watch",
    "socat",
    "setpriv",
    "capsh",
    "pkexec",
    "gosu",
    "start-stop-daemon",
    "firejail",
    "bwrap",
    "proot",
    "fakeroot",
    "dbus-run-session",
    "xvfb-run",
    "npx",
    "flock",
    "m4",
    "gnuplot",
    "bpftrace",
    "stap",
    "ipython",
    "su-exec",
    "faketime",
    "chronic",
    "ifne",
    "openvt",
    "daemonize",
    "systemd-inhibit",
    "xterm",
    "dumb-init",
    "tini",
    "busctl",
    "eatmydata",
    "bunx",
    "uvx",
    "pipx",
    "vi",
    "vim",
    "nvim",
    "view",
    "vimdiff",
    "ex",
    "ed",
    "red",
    "nano",
    "emacs",
    "pico",
    "joe",
    "micro",
    "visudo",
    "vipw",
    "sudoedit",
    "ld.so",
    "ld-linux-x86-64.so",
    "ld-linux-aarch64.so",
    "run-parts",
    "cpulimit",
    "chpst",
    "softlimit",
    "setarch",
    "linux",
    "rlwrap",
    "unbuffer",
    "ssh-agent",
    "gpg-agent",
    "scriptreplay",
    "dc",
    "newgrp",
    "sg",
    "machinectl",
    "systemd-nspawn",
    "lxc-attach",
    "jexec",
    "vagrant",
    "mc",
    "ftp",
    "telnet",
    "choom",
    "prlimit",
    "numactl",
    "cgexec",
    "aa-exec",
    "runcon",
    "torsocks",
    "proxychains",
    "catchsegv",
    "valgrind",
    "hyperfine",
    "doit",
    "just",
    "task",
    "inotifywait-run",
    "lftp",
    "mutt",
    "elinks",
    "w3m",
    "links",
];

const KNOWN: &[Known] = &[
    Known {
        names: &["tar", "gtar", "bsdtar"],
        letters: "IF",
        long: &[
            "to-command",
            "checkpoint-action",
            "use-compress-program",
            "rsh-command",
            "rmt-command",
            "info-script",
            "new-volume-script",
        ],
        ..NOTHING
    },
    Known {
        names: &["rsync"],
        letters: "eM",
        long: &["rsh", "rsync-path", "daemon", "remote-option"],
        ..NOTHING
    },
    Known { names: &["scp", "sftp"], letters: "SoFJD", ..NOTHING },
    Known { names: &["zip"], letters: "T", long: &["unzip-command", "test"], ..NOTHING },
    Known { names: &["sort"], long: &["compress-program"], ..NOTHING },
    Known { names: &["split"], long: &["filter"], ..NOTHING },
    Known { names: &["curl"], letters: "K", long: &["config", "engine"], ..NOTHING },
    Known { names: &["wget"], letters: "e", long: &["execute", "use-askpass", "config"], ..NOTHING },
    Known {
        names: &["nc", "ncat", "netcat"],
        letters: "ec",
        long: &["exec", "sh-exec", "lua-exec"],
        ..NOTHING
    },
    Known { names: &["man"], letters: "PHC", long: &["pager", "html", "config-file"], ..NOTHING },
    Known {
        names: &["less", "more", "most"],
        letters: "koO",
        long: &["lesskey", "log-file"],
        texts: &["+"],
        ..NOTHING
    },
    Known { names: &["crontab"], letters: "e", words: &["-"], ..NOTHING },
    Known { names: &["tcpdump"], letters: "z", ..NOTHING },
    Known {
        names: &["make", "gmake"],
        letters: "fE",
        long: &["eval", "file", "makefile"],
        texts: &["="],
        ..NOTHING
    },
    Known {
        names: &["apt", "apt-get", "aptitude"],
        letters: "oc",
        long: &["option", "config-file"],
        ..NOTHING
    },
    Known { names: &["dpkg"], long: &["pre-invoke", "post-invoke"], ..NOTHING },
    Known { names: &["yum", "dnf"], long: &["setopt"], letters: "c", ..NOTHING },
    Known { names: &["npm", "yarn", "pnpm"], words: &["exec", "x", "dlx", "explore"], ..NOTHING },
    Known { names: &["ip"], words: &["exec", "-b", "-ba", "-bat", "-batc", "-batch"], ..NOTHING },
    Known { names: &["systemctl"], words: &["edit"], letters: "HM", long: &["host", "machine"], ..NOTHING },
    Known { names: &["nmap"], long: &["script", "interactive", "script-args"], ..NOTHING },
    Known { names: &["openssl"], letters: "", long: &[], words: &["-engine", "-provider-path"], ..NOTHING },
    Known { names: &["cpio"], long: &["rsh-command"], ..NOTHING },
    Known { names: &["logrotate"], letters: "sm", long: &["mail", "state"], ..NOTHING },
    Known { names: &["mail", "mailx"], texts: &["~"], ..NOTHING },
    Known { names: &["psql"], texts: &["\\", "=|", "-o|", "program"], starts: &["|"], ..NOTHING },
    Known {
        names: &["mysql", "mariadb"],
        texts: &["\\", "system", "pager", "source", "tee", "outfile", "dumpfile"],
        long: &["pager", "init-command", "tee"],
        ..NOTHING
    },
    Known {
        names: &["sqlite"],
        letters: "A",
        words: &["-cmd", "-init", "--cmd", "--init"],
        texts: &[
            "|",
            "load_extension",
            "edit(",
            "readfile",
            "writefile",
            "attach",
            "vacuum",
            "fsdir",
            "zipfile",
        ],
        ..NOTHING
    },
    Known { names: &["redis-cli"], words: &["EVAL", "eval", "--eval", "MODULE", "module"], ..NOTHING },
    Known { names: &["mongo", "mongosh"], long: &["eval"], letters: "e", ..NOTHING },
    Known { names: &["install"], long: &["strip-program"], ..NOTHING },
    Known { names: &["docker", "podman", "nerdctl"], words: &["exec", "run", "create", "build"], ..NOTHING },
    Known { names: &["kubectl", "oc"], words: &["attach", "debug", "edit", "run"], ..NOTHING },
    Known {
        names: &["gcc", "cc", "g++", "clang"],
        words: &["-wrapper"],
        texts: &["-fplugin", "@"],
        ..NOTHING
    },
    Known { names: &["ssh-keygen", "ssh-add"], letters: "Ds", ..NOTHING },
    Known { names: &["column", "flex", "cobc"], words: &["-exec"], ..NOTHING },
];

/// Clients of databases run what comes as their input, unless an option says otherwise.
const READING: &[(&[&str], &[&str])] = &[
    (&["psql"], &["-c", "--command", "-l", "--list", "-V", "--version", "-f", "--file"]),
    (&["mysql", "mariadb"], &["-e", "--execute", "-V", "--version"]),
];

/// What `words` are if their first names a program that can run code; `None` where it does not.
pub(super) fn layer(program: Program<'_>, words: &[Word]) -> Option<Layer> {
    if program.is_one_of(ALWAYS) {
        return Some(Layer::opaque(format!("{} runs code", program.name)));
    }
    if READING.iter().any(|(names, options)| program.is_one_of(names) && !says(words, options)) {
        return Some(Layer::opaque(format!("{} runs what comes as its input", program.name)));
    }
    if program.name == "sqlite3" && sqlite_reads(words) {
        return Some(Layer::opaque("sqlite3 runs what comes as its input, or a command of its own"));
    }
    if program.name == "git" {
        return Some(super::git::layer(words).unwrap_or_else(Layer::program));
    }
    let known = KNOWN.iter().find(|known| program.is_one_of(known.names))?;
    let mut operands = words.iter().skip(1).map(Word::shown).enumerate();
    Some(match operands.find(|(index, word)| known.runs_code(word, *index)) {
        Some((_, word)) => Layer::opaque(format!("{} {word} may run code", program.name)),
        None => Layer::program(),
    })
}

impl Known {
    fn runs_code(&self, word: &str, index: usize) -> bool {
        let small = word.to_lowercase();
        if self.words.contains(&word)
            || self.texts.iter().any(|text| small.contains(text))
            || self.starts.iter().any(|text| word.starts_with(text))
        {
            return true;
        }
        if let Some(long) = word.strip_prefix("--") {
            return is_option(long, self.long);
        }
        let old_style = index == 0 && self.names.contains(&"tar"); // `tar xIf …` needs no dash
        match word.strip_prefix('-') {
            Some(cluster) => cluster.contains(|letter| self.letters.contains(letter)),
            None => old_style && word.contains(|letter| self.letters.contains(letter)),
        }
    }
}

/// Whether `--text` is one of the options, or begins like one.
pub(super) fn is_option(text: &str, options: &[&str]) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    !name.is_empty() && options.iter().any(|option| option.starts_with(name))
}

fn says(words: &[Word], options: &[&str]) -> bool {
    words.iter().skip(1).any(|word| {
        let shown = word.shown();
        options.iter().any(|option| {
            shown == *option
                || (shown.starts_with(option) && (!option.starts_with("--") || shown.contains('=')))
        })
    })
}

/// `sqlite3 [options] file sql`; a word that starts with a dot is a command of the client.
fn sqlite_reads(words: &[Word]) -> bool {
    let operands =
        words.iter().skip(1).map(Word::shown).filter(|word| !word.starts_with('-')).collect::<Vec<_>>();
    operands.len() < 2 || operands.iter().skip(1).any(|sql| sql.trim_start().starts_with('.'))
}
