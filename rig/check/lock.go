package check

// locks says whether a lock of the bench holds between all users of the host;
// why is what keeps it from that.
func (l *list) locks(why error) {
	if why == nil {
		l.ok("lock", "held against all users of this host")
		return
	}
	l.find("lock", "another user of this host can take the bench meanwhile: "+oneLine(why),
		"let root make the folder at each start of the host: echo 'd /run/lock/spanrig 1777 root root' > /etc/tmpfiles.d/spanrig.conf; systemd-tmpfiles --create")
}
