#!/usr/bin/env python3
"""Writes samples/feeds: one night of small feeds in several formats, for the main job of ./dev run.

All of it is synthetic: invented names, telephone numbers 555-01xx, dates in 2099. The same bytes at every call.
Some records are wrong on purpose; the list stands in samples/feeds/README.md.
"""
import io, json, pathlib, random, zipfile

HERE = pathlib.Path(__file__).resolve().parent / "feeds"
R = random.Random(2099)
GIVEN = ["Anouk", "Béatrice", "Chloé", "Dominique", "Élodie", "Félix", "Gisèle", "Hugo", "Inès", "Jordan", "Kiona", "Léo", "Maëlle", "Noé", "Océane", "Pascal"]
FAMILY = ["EXEMPLE", "TESTARD", "FICTIF", "PLACEHOLDER", "ÉCHANTILLON", "MODÈLE", "SPÉCIMEN", "D'ESSAI", "DE LA FICTION", "PROTO-TYPE"]


def day(low=1, high=28):
    return R.randint(1, 12), R.randint(low, high)


def police():
    """Open-data table of a police service: one row per event and offence, dates as the publisher writes them."""
    head = ("OBJECTID,EVENT_UNIQUE_ID,REPORT_DATE,OCC_DATE,REPORT_YEAR,REPORT_MONTH,REPORT_DAY,REPORT_DOY,REPORT_DOW,REPORT_HOUR,OCC_YEAR,OCC_MONTH,OCC_DAY,OCC_DOY,"
            "OCC_DOW,OCC_HOUR,DIVISION,LOCATION_TYPE,PREMISES_TYPE,UCR_CODE,UCR_EXT,OFFENCE,CSI_CATEGORY,HOOD_158,NEIGHBOURHOOD_158,HOOD_140,NEIGHBOURHOOD_140,"
            "LONG_WGS84,LAT_WGS84,x,y")
    rows = [head]
    for i in range(160):
        month, date = day()
        shown = f"{month}/{date}/2099 5:00:00 AM"
        if i == 41:
            shown = "13/45/2099 5:00:00 AM"   # no such month
        if i == 97:
            shown = "2/30/2099 5:00:00 AM"    # no such day
        hood = "NSA" if i % 23 == 7 else str(1 + i % 158)
        place = ("0.0", "0.0") if hood == "NSA" else (f"-79.{R.randint(20, 59)}{R.randint(100, 999)}", f"43.{R.randint(60, 79)}{R.randint(100, 999)}")
        rows.append(",".join([str(i + 1), f"GO-2099{i // 2 if i % 9 == 0 else i + 1000:07}", f"{month}/{date}/2099 5:00:00 AM", shown, "2099", "January", str(date), "1", "Monday    ",
                              str(R.randint(0, 23)), "2099.0", "January", f"{date}.0", "1.0", "Monday    ", str(R.randint(0, 23)), f"D{R.randint(10, 55)}",
                              R.choice(["Apartment (Rooming House, Condo)", "Single Home, House", "Streets, Roads"]).join('""'), R.choice(["Apartment", "House", "Outside", "Transit"]),
                              R.choice(["1525", "1430", "1420"]), R.choice(["100", "110"]), R.choice(["Assault", "Trafficking in persons"]), "Assault", hood,
                              f"Testville ({hood})", hood, f"Testville ({hood})", place[0], place[1], "0", "0"]))
    (HERE / "police-open-data.csv").write_bytes(("\n".join(rows) + "\n").encode("utf-8-sig"))


def corrections():
    """Person-level segregation table with a byte order mark and trailing blanks; and a table of counts beside it."""
    rows = ["EndFiscalYear,UniqueIndividual_ID,Gender,Region_MostRecentPlacement,Age_Category,TotalAggregatedDays_Segregation"]
    for i in range(220):
        rows.append(f"2099,2099-{i + 10000}-SG,{R.choice(['Male ', 'Female'])},{R.choice(['Northern', 'Eastern', 'Western', 'Central', 'Toronto'])},{R.choice(['18 to 24', '25 to 49', '50+'])},{R.randint(1, 90)}")
    rows[60] = rows[60].rsplit(",", 1)[0] + ",many"   # not a number
    (HERE / "corrections-segregation.csv").write_bytes(("\r\n".join(rows) + "\r\n").encode("utf-8-sig"))


def missing():
    """Municipal missing-person reports, Windows-1252."""
    rows = ["REPORT_NO,REPORTED,NAME,BORN,SEX,LAST_SEEN,PLACE,WHY,STATUS,PHONE,HEIGHT_CM,EYES,HAIR,MARKS,CLERK"]
    for i in range(60):
        month, date = day()
        born = f"20{R.randint(80, 86)}-{R.randint(1, 12):02}-{R.randint(1, 28):02}"
        if i == 12:
            born = "2084-02-30"
        rows.append(f'MP-2099-{i + 1:04},2099-{month:02}-{date:02} {R.randint(0, 23):02}:{R.randint(0, 59):02},"{R.choice(FAMILY)}, {R.choice(GIVEN)}",{born},{R.choice("FMX")},'
                    f'2099-{month:02}-{date:02} {R.randint(0, 12):02}:00,"{R.randint(1, 999)} Chemin Modèle, Testville",{R.choice(["NOCONTACT", "FEAR", "CARE", "HOME"])},'
                    f'{R.choice(["OPEN", "SAFE", "HOME"]) if i != 30 else "DUP"},613-555-01{R.randint(0, 99):02},{R.randint(140, 190)},brown,black,{"étoile; papillon" if i % 7 == 0 else ""},clerk{i % 3}')
    (HERE / "missing-persons.csv").write_bytes(("\r\n".join(rows) + "\r\n").encode("cp1252"))


def ads():
    """Online advertisements, JSON Lines; one line is cut off, one price is not a number."""
    lines = []
    for i in range(80):
        month, date = day()
        ad = {"adId": f"A-{i + 9000}", "site": R.choice(["escort", "dating", "forum"]), "url": f"https://ads.example/{i + 9000}", "postedAt": f"2099-{month:02}-{date:02}T10:20:00-05:00",
              "capturedAt": f"2099-{month:02}-{date:02}T11:00:00-05:00", "alias": R.choice(["Maya", "Lune", "Star"]), "age": R.randint(18, 25), "title": "synthetic advertisement",
              "contact": {"phone": f"613-555-01{R.randint(0, 99):02}"}, "price": {"amount": str(R.choice([80, 120, 200])), "currency": "CAD"}}
        if i == 17:
            ad["price"]["amount"] = "ask"
        lines.append(json.dumps(ad, ensure_ascii=False))
    lines[33] = lines[33][:70]
    (HERE / "online-ads.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def booking(n, broken=False):
    month, date = day()
    given, family = R.choice(GIVEN), R.choice(FAMILY)
    number = f"BK-{n:05}"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- synthetic -->
<br:BookingReport xmlns:br="http://ojbc.org/IEPD/Exchange/BookingReport/1.0" xmlns:nc="http://release.niem.gov/niem/niem-core/3.0/" xmlns:j="http://release.niem.gov/niem/domains/jxdm/5.1/" xmlns:s="http://release.niem.gov/niem/structures/3.0/">
  <nc:DocumentCreationDate><nc:DateTime>2099-{month:02}-{date:02}T06:00:00Z</nc:DateTime></nc:DocumentCreationDate>
  <j:Booking s:id="B1">
    <nc:ActivityDate><nc:DateTime>2099-{month:02}-{date:02}T0{R.randint(0, 9)}:36:00Z</nc:DateTime></nc:ActivityDate>
    <j:BookingAgencyRecordIdentification><nc:IdentificationID>{number}</nc:IdentificationID></j:BookingAgencyRecordIdentification>
    <j:BookingDetentionFacility><nc:FacilityIdentification><nc:IdentificationID>North Test Jail</nc:IdentificationID></nc:FacilityIdentification></j:BookingDetentionFacility>
    <j:BookingSubject><nc:RoleOfPerson s:ref="P1"/><j:SubjectIdentification><nc:IdentificationID>S-{n:05}</nc:IdentificationID></j:SubjectIdentification></j:BookingSubject>
  </j:Booking>
  <j:Charge s:id="C1"><j:ChargeDescriptionText>Synthetic charge</j:ChargeDescriptionText><j:ChargeStatute><j:StatuteCodeSectionIdentification><nc:IdentificationID>XX-{n % 7}</nc:IdentificationID></j:StatuteCodeSectionIdentification></j:ChargeStatute></j:Charge>
  <nc:Person s:id="P1">
    <nc:PersonBirthDate><nc:Date>20{R.randint(60, 80)}-{R.randint(1, 12):02}-{R.randint(1, 28):02}</nc:Date></nc:PersonBirthDate>
    <nc:PersonName><nc:PersonGivenName>{given}</nc:PersonGivenName><nc:PersonSurName>{family.replace("'", "&apos;")}</nc:PersonSurName></nc:PersonName>
    <j:PersonSexCode>{R.choice("FM")}</j:PersonSexCode>
    <nc:PersonSSNIdentification><nc:IdentificationID>000-00-{n % 10000:04}</nc:IdentificationID></nc:PersonSSNIdentification>
  </nc:Person>
</br:BookingReport>
"""
    return text[:900] if broken else text


def bookings():
    """Booking reports: a file each, and a night of them in an archive; one was cut off in transit."""
    for n in (1, 2, 3):
        (HERE / f"booking-{n:03}.xml").write_text(booking(n), encoding="utf-8")
    with zipfile.ZipFile(HERE / "bookings-night.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(10, 22):
            info = zipfile.ZipInfo(f"booking-{n:03}.xml", (2099, 1, 2, 3, 4, 6))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, booking(n, broken=n == 15))


def tips():
    """A CyberTipline report and the details of its file; hashes only."""
    (HERE / "cybertip-990001.xml").write_text("""<?xml version="1.0" encoding="UTF-8"?>
<!-- synthetic -->
<report><reportId>990001</reportId><incidentSummary><incidentType>Child Sex Trafficking</incidentType>
  <reportAnnotations><sextortion/><somethingNew/></reportAnnotations>
  <incidentDateTime>2099-10-15T08:00:00-07:00</incidentDateTime></incidentSummary>
  <personOrUserReported><espIdentifier>u-1</espIdentifier><screenName>test_handle</screenName>
    <ipCaptureEvent><ipAddress>192.0.2.7</ipAddress><eventName>Login</eventName><dateTime>2099-10-14T00:00:00Z</dateTime></ipCaptureEvent>
  </personOrUserReported></report>
""", encoding="utf-8")
    (HERE / "cybertip-990001-file.xml").write_text("""<?xml version="1.0" encoding="UTF-8"?>
<!-- synthetic -->
<fileDetails><reportId>990001</reportId><fileId>f-1</fileId><originalFileName>a.jpg</originalFileName>
  <originalFileHash hashType="MD5">00000000000000000000000000000000</originalFileHash></fileDetails>
""", encoding="utf-8")
    (HERE / "cybertip-receipt.xml").write_text('<?xml version="1.0" encoding="UTF-8"?>\n<!-- synthetic -->\n<reportResponse><responseCode>0</responseCode></reportResponse>\n', encoding="utf-8")


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    police(), corrections(), missing(), ads(), bookings(), tips()


main()
