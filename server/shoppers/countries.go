package shoppers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// unknownRegion is the region of a country that a row names and that is not
// known: a number needs its country code there.
const unknownRegion = ""

// regionsOf are the countries in which a row's address may be, as its columns for
// the country or else for the province say; none if they say nothing. Of several
// that have a province of that name, the file's region is taken if it is one.
func regionsOf(row []string, g group, region string) []string {
	named := false
	for i, column := range slices.Concat(g.dialled, g.countries) {
		text := cell(row, []int{column})
		if noValue(text) {
			continue
		}
		r := countryRegion(text)
		if r == unknownRegion {
			r = dialledRegion(text, i < len(g.dialled))
		}
		if r != unknownRegion {
			return []string{r}
		}
		named = true
	}
	if named {
		return []string{unknownRegion}
	}
	for _, column := range g.provinces {
		text := cell(row, []int{column})
		if found := provinceRegions(text); len(found) > 0 {
			if slices.Contains(found, region) {
				return []string{region}
			}
			return found
		}
	}
	return nil
}

// noValue reports whether a cell contains what programs write for a missing value.
func noValue(text string) bool {
	return text == "" || !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) && normalized(text) == "" ||
		slices.Contains([]string{"null", "none", "na", "nil", "undefined", "unknown", "false"}, normalized(text))
}

// countryRegion returns the region of a country's code, name or flag, in the
// languages that shops' software writes, or unknownRegion. Of several parts, as
// in "United States (US)", each must name the same country.
func countryRegion(text string) string {
	text, flags := withoutFlags(text)
	if r, ok := countryNames()[normalized(text)]; ok {
		return oneRegion(append(flags, r))
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("()[]-–—,/|;:>&+", r) })
	if first, last, ok := strings.Cut(text, ","); ok {
		if r, ok := countryNames()[normalized(last+first)]; ok { // "Korea, Republic of"
			return oneRegion(append(flags, r))
		}
		if words := strings.Fields(strings.ToLower(last)); len(words) > 1 && slices.Contains(words[max(0, len(words)-2):], "of") {
			parts = []string{first} // "Iran, Islamic Republic of"
		}
	}
	for _, part := range parts {
		if name := normalized(part); name != "" {
			r, ok := countryNames()[name]
			if !ok {
				r = dialledRegion(part, true)
			}
			flags = append(flags, r)
		}
	}
	return oneRegion(flags)
}

// oneRegion is the region that all are, or unknownRegion.
func oneRegion(all []string) string {
	if len(all) == 0 || slices.ContainsFunc(all, func(r string) bool { return r != all[0] }) {
		return unknownRegion
	}
	return all[0]
}

// withoutFlags takes the flags out of a text and returns their regions. A flag is
// a pair of signs that stand for the letters of a country's code.
func withoutFlags(text string) (rest string, regions []string) {
	const first, last = '🇦', '🇿'
	var code, other []rune
	for _, r := range text {
		if r < first || r > last {
			other = append(other, r)
			continue
		}
		if code = append(code, 'a'+r-first); len(code) == 2 {
			regions = append(regions, countryNames()[string(code)])
			code = nil
		}
	}
	if code != nil {
		regions = append(regions, unknownRegion)
	}
	return string(other), regions
}

var (
	withSign    = regexp.MustCompile(`^(?:\+|00)\s*(\d[\d\s-]{0,5})$`)
	withoutSign = regexp.MustCompile(`^\+?\s*(\d[\d\s-]{0,5})(?:\.0+)?$`)
)

// dialledRegion returns the region of a dialling code such as "+52", or
// unknownRegion. Without a sign it must be in a column for dialling codes: other
// numbers of countries look the same.
func dialledRegion(text string, bare bool) string {
	code := withSign.FindStringSubmatch(strings.TrimSpace(text))
	if code == nil && bare {
		code = withoutSign.FindStringSubmatch(strings.TrimSpace(text))
	}
	if code == nil {
		return unknownRegion
	}
	digits := normalized(code[1])
	if len(digits) == 4 && digits[0] == '1' { // "+1 787"
		digits = "1"
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return unknownRegion
	}
	if r := phonenumbers.GetRegionCodeForCountryCode(n); phonenumbers.GetCountryCodeForRegion(r) == n {
		return r
	}
	return unknownRegion
}

var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, code := range language.Supported.Regions() {
		region := code.Canonicalize().String()
		if !code.IsCountry() || phonenumbers.GetCountryCodeForRegion(region) == 0 {
			continue
		}
		for _, tag := range []language.Tag{language.English, language.Spanish, language.French, language.German, language.Italian, language.Portuguese,
			language.Dutch, language.Danish, language.Swedish, language.Norwegian, language.Finnish, language.Polish} {
			name := display.Regions(tag).Name(code)
			for _, name := range []string{name, strings.ReplaceAll(name, "&", "and"), strings.ReplaceAll(name, "St.", "Saint")} {
				if name := normalized(name); names[name] == "" {
					names[name] = region
				}
			}
		}
		for _, own := range ownNames(code) {
			if names[own] == "" {
				names[own] = region
			}
		}
		names[normalized(code.String())], names[normalized(code.ISO3())] = region, region
	}
	for region, more := range map[string]string{
		"US": "usa, united states of america, america, the united states, the united states of america, estados unidos de america, ee uu, eeuu, eua, etats unis d amerique, vereinigte staaten von amerika",
		"GB": "uk, great britain, britain, england, scotland, wales, northern ireland, the united kingdom, united kingdom of great britain and northern ireland, grossbritannien, grande bretagne, gran bretana, royaume uni",
		"NL": "holland, the netherlands", "CZ": "czech republic, tschechische republik", "KR": "south korea, korea, republic of korea", "KP": "democratic people s republic of korea, dprk", "CD": "democratic republic of the congo, the democratic republic of the congo, dr congo", "CG": "republic of the congo", "RU": "russian federation", "AE": "uae, emirates", "IE": "republic of ireland, eire",
		"MX": "estados unidos mexicanos, united mexican states", "CN": "people s republic of china, mainland china", "VN": "viet nam", "TR": "turkey", "CH": "schweiz, suisse, svizzera", "HK": "hong kong", "MO": "macau", "TW": "taiwan", "PR": "porto rico",
	} {
		for _, name := range strings.Split(more, ", ") {
			names[normalized(name)] = region
		}
	}
	delete(names, "")
	return names
})

// ownNames are what a country is called in the languages spoken there.
func ownNames(code language.Region) (names []string) {
	tag, err := language.Compose(language.Make("und-" + code.String()))
	if err != nil {
		return nil
	}
	base, _ := tag.Base()
	spoken, err := language.Compose(base)
	if namer := display.Regions(spoken); err == nil && namer != nil {
		names = append(names, normalized(namer.Name(code)))
	}
	return names
}

// provinceRegions returns the countries that have a province of this code or name
// and whose addresses often come without a country.
func provinceRegions(text string) (found []string) {
	name := normalized(text)
	if name == "" {
		return nil
	}
	if code, _, ok := strings.Cut(text, "-"); ok && len(code) == 2 && len(text) <= 6 { // "MX-CMX"
		if r, ok := countryNames()[normalized(code)]; ok {
			return []string{r}
		}
	}
	for _, country := range provinces {
		if slices.Contains(country.names, name) {
			found = append(found, country.region)
		}
	}
	return found
}

var provinces = []struct {
	region string
	names  []string
}{
	{"US", provinceList("AL,Alabama,AK,Alaska,AZ,Arizona,AR,Arkansas,CA,California,CO,Colorado,CT,Connecticut,DE,Delaware,FL,Florida,GA,Georgia,HI,Hawaii,ID,Idaho,IL,Illinois,IN,Indiana,IA,Iowa,KS,Kansas,KY,Kentucky,LA,Louisiana,ME,Maine,MD,Maryland,MA,Massachusetts,MI,Michigan,MN,Minnesota,MS,Mississippi,MO,Missouri,MT,Montana,NE,Nebraska,NV,Nevada,NH,New Hampshire,NJ,New Jersey,NM,New Mexico,NY,New York,NC,North Carolina,ND,North Dakota,OH,Ohio,OK,Oklahoma,OR,Oregon,PA,Pennsylvania,RI,Rhode Island,SC,South Carolina,SD,South Dakota,TN,Tennessee,TX,Texas,UT,Utah,VT,Vermont,VA,Virginia,WA,Washington,WV,West Virginia,WI,Wisconsin,WY,Wyoming,DC,District of Columbia,Washington DC,PR,Puerto Rico,GU,Guam,VI,Virgin Islands,AS,American Samoa,MP,Northern Mariana Islands,AA,AE,AP")},
	{"CA", provinceList("AB,Alberta,BC,British Columbia,Colombie-Britannique,MB,Manitoba,NB,New Brunswick,Nouveau-Brunswick,NL,Newfoundland,Newfoundland and Labrador,NS,Nova Scotia,NT,Northwest Territories,NU,Nunavut,ON,Ontario,PE,Prince Edward Island,QC,Quebec,SK,Saskatchewan,YT,Yukon")},
	{"MX", provinceList("AGS,Aguascalientes,BC,Baja California,BCS,Baja California Sur,CAMP,Campeche,CHIS,Chiapas,CHIH,Chihuahua,CDMX,DF,Ciudad de México,Mexico City,Distrito Federal,COAH,Coahuila,COL,Colima,DGO,Durango,GTO,Guanajuato,GRO,Guerrero,HGO,Hidalgo,JAL,Jalisco,MEX,México,Estado de México,MICH,Michoacán,MOR,Morelos,NAY,Nayarit,NL,Nuevo León,OAX,Oaxaca,PUE,Puebla,QRO,Querétaro,Q ROO,Quintana Roo,SLP,San Luis Potosí,SIN,Sinaloa,SON,Sonora,TAB,Tabasco,TAMPS,Tamaulipas,TLAX,Tlaxcala,VER,Veracruz,YUC,Yucatán,ZAC,Zacatecas,AGU,BCN,CAM,CHP,CHH,CMX,COA,DUR,GUA,HID,MIC,NLE,QUE,ROO,TAM,TLA")},
	{"AU", provinceList("ACT,Australian Capital Territory,NSW,New South Wales,NT,Northern Territory,QLD,Queensland,SA,South Australia,TAS,Tasmania,VIC,Victoria,WA,Western Australia")},
	{"GB", provinceList("ENG,England,SCT,Scotland,WLS,Wales,NIR,Northern Ireland")},
}

func provinceList(names string) (all []string) {
	for _, name := range strings.Split(names, ",") {
		all = append(all, normalized(name))
	}
	return all
}

// normalized returns text in lower case, without spaces, signs and accents.
func normalized(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(text))
}
