// Package compliance judges a portrait against what a document asks of its photo. It is arithmetic on measurements: no
// pixels, no nets, no files. So its tests are tables, and a rule is changed in one function.
//
// Every rule of the catalogue has a finding in every answer. One that nothing was measured for is not assessed and says
// why; not assessed is never a pass. A limit that an authority published is quoted with its source and date; one of ours
// says that it is ours. Where a limit of ours differs from the facts it started from, the rule says by how much and by what.
//
// Nobody is failed by the colour of skin: light is judged by the whites of the eyes and by the wall, sharpness and shadows
// by ratios. What knows skin alone (OFIQ's luminance, range and natural colour) is told beside a verdict and decides nothing.
package compliance
