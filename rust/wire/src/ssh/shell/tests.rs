use super::*;
#[test]
fn smoke() {
    for text in [
        "ls -l | grep x && sudo -u a systemctl restart 'b c' > /tmp/x 2>&1",
        "sh -c 'ls; rm x' ",
        "cat <<'E' | sort\na b\nE\n",
        "find . -name '*.log' -exec rm {} +",
        "find . -exec sh -c 'rm {}' \\;",
        "echo $x",
        "( a",
        "ls | xargs rm",
        "cat /var/log/*.log",
        "time ls ~/x",
    ] {
        println!("{text:?}\n   {:?}", read(text, &ShellLimits::default()));
    }
}
