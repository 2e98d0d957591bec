package flow

import "encoding/hex"

// CommunityHex is CommunityID before base64.
func (f *Flow) CommunityHex() string {
	sum := f.communityHash(0)
	return "1:" + hex.EncodeToString(sum[:])
}

// CommunityPorts returns what stands for the ports of an ICMP flow.
func CommunityPorts(f *Flow) (src, dst uint16) {
	src, dst, _ = f.communityICMP()
	return src, dst
}
