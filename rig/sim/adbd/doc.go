// Package adbd is the daemon of a simulated Android device: it speaks adb's
// transport protocol on a listener of the caller, so that a real adb server
// takes it for a device on the network ("adb connect 127.0.0.1:PORT").
//
//	files := adbd.NewTree()
//	shell := adbd.NewShell(adbd.ShellConfig{Files: files, Commands: commands})
//	d, err := adbd.New(adbd.Config{Shell: shell, Files: files, Product: "rm510b"})
//	l, err := net.Listen("tcp", "127.0.0.1:5555")
//	err = d.Serve(ctx, l) // until ctx ends; then all connections drop at once
//
// It has the services that a rig uses: shell, shell,v2, exec, sync and reboot.
// It asks for no keys and no TLS, so let it listen where only the rig can
// reach it. To open it again, Serve a new listener on the same address.
//
// The protocol is that of AOSP's system/core/adb/protocol.txt, SERVICES.TXT and
// SYNC.TXT, and of shell_protocol.h and file_sync_protocol.h beside them.
// Nothing of the host shows through: files and programs are the simulator's.
package adbd
