BEGIN TRANSACTION;
CREATE TABLE account (
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	all_units BOOLEAN NOT NULL, 
	password VARCHAR, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	PRIMARY KEY (number), 
	UNIQUE (name)
);
CREATE TABLE account_unit (
	account INTEGER NOT NULL, 
	unit INTEGER NOT NULL, 
	PRIMARY KEY (account, unit), 
	FOREIGN KEY(account) REFERENCES account (number), 
	FOREIGN KEY(unit) REFERENCES unit (number)
);
CREATE TABLE agency (
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	label JSON NOT NULL, 
	zone VARCHAR NOT NULL, languages JSON, logo BLOB, 
	PRIMARY KEY (number), 
	UNIQUE (name)
);
INSERT INTO "agency" VALUES(1,'dpmptsp','{"id": "DPMPTSP Kota Kupang", "en": "One-stop licensing office, Kupang"}','Asia/Makassar',NULL,NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	did VARCHAR NOT NULL, 
	what VARCHAR NOT NULL, 
	detail JSON NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE comment (
	response INTEGER NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (response), 
	FOREIGN KEY(response) REFERENCES response (number)
);
INSERT INTO "comment" VALUES(11,'Terima kasih, cepat sekali');
INSERT INTO "comment" VALUES(12,'=1+1 ☃');
CREATE TABLE draft (
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	content VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (name)
);
CREATE TABLE login (
	token BLOB NOT NULL, 
	account INTEGER NOT NULL, 
	csrf VARCHAR NOT NULL, 
	began_at DATETIME NOT NULL, 
	used_at DATETIME NOT NULL, 
	PRIMARY KEY (token), 
	FOREIGN KEY(account) REFERENCES account (number)
);
CREATE TABLE one_time_code (
	code BLOB NOT NULL, 
	account INTEGER, 
	station INTEGER, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	PRIMARY KEY (code), 
	FOREIGN KEY(account) REFERENCES account (number), 
	FOREIGN KEY(station) REFERENCES station (number)
);
CREATE TABLE paper_form (
	survey INTEGER NOT NULL, 
	form INTEGER NOT NULL, 
	first BLOB, 
	first_by VARCHAR, 
	first_at DATETIME, 
	second BLOB, 
	second_by VARCHAR, 
	second_at DATETIME, 
	response CHAR(32), 
	PRIMARY KEY (survey, form), 
	FOREIGN KEY(survey) REFERENCES survey (number)
);
CREATE TABLE questionnaire (
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	content VARCHAR NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (name, version)
);
INSERT INTO "questionnaire" VALUES(1,'skm-2017-servqual',2,'75473072ac28bef4ac5b21779069a9b3a65e5a0820fddcf885347db166a36a95','{"blocks": [{"aspect": "perception", "intro": {"en": "Here are some questions about the service that you have just received.", "id": "Berikut beberapa pertanyaan tentang layanan yang baru saja Anda terima."}, "title": {"en": "Your experience", "id": "Pengalaman Anda"}}, {"aspect": "expectation", "intro": {"en": "Now about what you expect, not about the service just received. How good should the service of this office be?", "id": "Sekarang tentang harapan Anda, bukan tentang layanan tadi. Seberapa baik seharusnya layanan kantor ini?"}, "title": {"en": "Your expectation", "id": "Harapan Anda"}}], "comment": {"question": {"en": "Is there anything you would like to tell us so that we can improve?", "id": "Adakah yang ingin Anda sampaikan untuk memperbaiki layanan kami?"}}, "dimensions": [{"label": {"en": "Tangibles", "id": "Bukti fisik"}, "name": "tangibles"}, {"label": {"en": "Reliability", "id": "Keandalan"}, "name": "reliability"}, {"label": {"en": "Responsiveness", "id": "Daya tanggap"}, "name": "responsiveness"}, {"label": {"en": "Assurance", "id": "Jaminan"}, "name": "assurance"}, {"label": {"en": "Empathy", "id": "Empati"}, "name": "empathy"}], "items": [{"dimension": "reliability", "expectation": {"question": {"en": "How good should the match between the requirements and the kind of service be?", "id": "Seberapa baik seharusnya kesesuaian syarat dengan jenis layanannya?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Requirements", "id": "Persyaratan"}, "name": "requirements", "number": "U1", "perception": {"question": {"en": "How suitable were the requirements for this kind of service?", "id": "Apakah syarat yang diminta sesuai dengan jenis layanannya?"}, "scale": {"labels": {"1": {"en": "Not suitable at all", "id": "Tidak sesuai"}, "2": {"en": "Not very suitable", "id": "Kurang sesuai"}, "3": {"en": "Suitable", "id": "Sesuai"}, "4": {"en": "Very suitable", "id": "Sangat sesuai"}}, "points": 4}}}, {"dimension": "reliability", "expectation": {"question": {"en": "How good should the steps of the service be?", "id": "Seberapa baik seharusnya alur layanan di kantor ini?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Procedure", "id": "Sistem, mekanisme, dan prosedur"}, "name": "procedure", "number": "U2", "perception": {"question": {"en": "How easy were the steps of the service in this office?", "id": "Seberapa mudah alur layanan di kantor ini?"}, "scale": {"labels": {"1": {"en": "Not easy at all", "id": "Tidak mudah"}, "2": {"en": "Not very easy", "id": "Kurang mudah"}, "3": {"en": "Easy", "id": "Mudah"}, "4": {"en": "Very easy", "id": "Sangat mudah"}}, "points": 4}}}, {"dimension": "responsiveness", "expectation": {"question": {"en": "How good should the speed of the service be?", "id": "Seberapa baik seharusnya kecepatan layanan?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Time", "id": "Waktu penyelesaian"}, "name": "time", "number": "U3", "perception": {"question": {"en": "How fast was the service that you have just received?", "id": "Seberapa cepat layanan yang baru saja Anda terima?"}, "scale": {"labels": {"1": {"en": "Not fast at all", "id": "Tidak cepat"}, "2": {"en": "Not very fast", "id": "Kurang cepat"}, "3": {"en": "Fast", "id": "Cepat"}, "4": {"en": "Very fast", "id": "Sangat cepat"}}, "points": 4}}}, {"dimension": "assurance", "expectation": {"question": {"en": "How good should the fairness of the fee be?", "id": "Seberapa baik seharusnya kewajaran biaya layanan?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Fee", "id": "Biaya/tarif"}, "name": "fee", "number": "U4", "perception": {"question": {"en": "What do you think of the fee for this service?", "id": "Bagaimana biaya layanan ini menurut Anda?"}, "scale": {"labels": {"1": {"en": "Very expensive", "id": "Sangat mahal"}, "2": {"en": "Rather expensive", "id": "Cukup mahal"}, "3": {"en": "Cheap", "id": "Murah"}, "4": {"en": "Free of charge", "id": "Gratis"}}, "points": 4}}}, {"dimension": "reliability", "expectation": {"question": {"en": "How good should the match between the result and the service standard be?", "id": "Seberapa baik seharusnya kesesuaian hasil layanan dengan standarnya?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Product", "id": "Produk spesifikasi jenis pelayanan"}, "name": "product", "number": "U5", "perception": {"question": {"en": "How well did the result match what the service standard promises?", "id": "Apakah hasil layanan sesuai dengan yang dijanjikan dalam standar pelayanan?"}, "scale": {"labels": {"1": {"en": "Not at all", "id": "Tidak sesuai"}, "2": {"en": "Not very well", "id": "Kurang sesuai"}, "3": {"en": "Well", "id": "Sesuai"}, "4": {"en": "Very well", "id": "Sangat sesuai"}}, "points": 4}}}, {"dimension": "assurance", "expectation": {"question": {"en": "How good should the competence of the staff be?", "id": "Seberapa baik seharusnya kemampuan petugas?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Competence of staff", "id": "Kompetensi pelaksana"}, "name": "competence", "number": "U6", "perception": {"question": {"en": "How competent was the officer who served you?", "id": "Apakah petugas yang melayani Anda mampu dan paham tugasnya?"}, "scale": {"labels": {"1": {"en": "Not competent at all", "id": "Tidak kompeten"}, "2": {"en": "Not very competent", "id": "Kurang kompeten"}, "3": {"en": "Competent", "id": "Kompeten"}, "4": {"en": "Very competent", "id": "Sangat kompeten"}}, "points": 4}}}, {"dimension": "empathy", "expectation": {"question": {"en": "How good should the politeness and friendliness of the staff be?", "id": "Seberapa baik seharusnya kesopanan dan keramahan petugas?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Behaviour of staff", "id": "Perilaku pelaksana"}, "name": "behaviour", "number": "U7", "perception": {"question": {"en": "How polite and friendly was the officer who served you?", "id": "Seberapa sopan dan ramah petugas yang melayani Anda?"}, "scale": {"labels": {"1": {"en": "Not polite or friendly at all", "id": "Tidak sopan dan ramah"}, "2": {"en": "Not very polite or friendly", "id": "Kurang sopan dan ramah"}, "3": {"en": "Polite and friendly", "id": "Sopan dan ramah"}, "4": {"en": "Very polite and friendly", "id": "Sangat sopan dan ramah"}}, "points": 4}}}, {"dimension": "responsiveness", "expectation": {"question": {"en": "How good should the handling of complaints and suggestions be?", "id": "Seberapa baik seharusnya penanganan pengaduan dan saran?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Handling of complaints", "id": "Penanganan pengaduan, saran, dan masukan"}, "name": "complaints", "number": "U8", "perception": {"question": {"en": "How are complaints and suggestions handled in this office?", "id": "Bagaimana penanganan pengaduan, saran, dan masukan di kantor ini?"}, "scale": {"labels": {"1": {"en": "There is no way to complain", "id": "Tidak ada"}, "2": {"en": "There is a way, but it does not work", "id": "Ada tetapi tidak berfungsi"}, "3": {"en": "It works, but could be better", "id": "Berfungsi kurang maksimal"}, "4": {"en": "It is well managed", "id": "Dikelola dengan baik"}}, "points": 4}}}, {"dimension": "tangibles", "expectation": {"question": {"en": "How good should the rooms and facilities of the office be?", "id": "Seberapa baik seharusnya ruang dan sarana kantor?"}, "scale": {"labels": {"1": {"en": "Not good at all", "id": "Tidak baik"}, "2": {"en": "Not very good", "id": "Kurang baik"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}, "in_index": true, "label": {"en": "Facilities", "id": "Sarana dan prasarana"}, "name": "facilities", "number": "U9", "perception": {"question": {"en": "How good are the rooms, the seats and the other facilities of this office?", "id": "Bagaimana mutu ruang, tempat duduk, dan sarana lain di kantor ini?"}, "scale": {"labels": {"1": {"en": "Bad", "id": "Buruk"}, "2": {"en": "Fair", "id": "Cukup"}, "3": {"en": "Good", "id": "Baik"}, "4": {"en": "Very good", "id": "Sangat baik"}}, "points": 4}}}], "languages": ["id", "en"], "minutes": 4, "name": "skm-2017-servqual", "profile": [{"choices": {"1": {"en": "Male", "id": "Laki-laki"}, "2": {"en": "Female", "id": "Perempuan"}}, "label": {"en": "Sex", "id": "Jenis kelamin"}, "name": "sex", "question": {"en": "What is your sex?", "id": "Apa jenis kelamin Anda?"}}, {"choices": {"1": {"en": "Under 20", "id": "Di bawah 20 tahun"}, "2": {"en": "20 to 29", "id": "20 sampai 29 tahun"}, "3": {"en": "30 to 39", "id": "30 sampai 39 tahun"}, "4": {"en": "40 to 49", "id": "40 sampai 49 tahun"}, "5": {"en": "50 to 59", "id": "50 sampai 59 tahun"}, "6": {"en": "60 and over", "id": "60 tahun ke atas"}}, "label": {"en": "Age", "id": "Umur"}, "name": "age", "question": {"en": "How old are you?", "id": "Berapa umur Anda?"}}, {"choices": {"1": {"en": "Primary school or less", "id": "SD atau belum tamat SD"}, "2": {"en": "Lower secondary school", "id": "SMP"}, "3": {"en": "Upper secondary school", "id": "SMA atau SMK"}, "4": {"en": "Diploma", "id": "D1, D2, atau D3"}, "5": {"en": "Bachelor''s degree", "id": "D4 atau S1"}, "6": {"en": "Master''s or doctor''s degree", "id": "S2 atau S3"}}, "label": {"en": "Education", "id": "Pendidikan"}, "name": "education", "question": {"en": "What is your highest education?", "id": "Apa pendidikan terakhir Anda?"}}, {"choices": {"1": {"en": "Civil servant", "id": "PNS atau PPPK"}, "2": {"en": "Armed forces", "id": "TNI"}, "3": {"en": "Police", "id": "Polri"}, "4": {"en": "Employee of a company", "id": "Pegawai swasta"}, "5": {"en": "Self-employed", "id": "Wirausaha"}, "6": {"en": "Other", "id": "Lainnya"}}, "label": {"en": "Occupation", "id": "Pekerjaan"}, "name": "occupation", "question": {"en": "What is your main occupation?", "id": "Apa pekerjaan utama Anda?"}}], "regulation": "skm-2017", "title": {"en": "Community satisfaction survey with expectation and perception", "id": "Survei Kepuasan Masyarakat dengan harapan dan kenyataan"}, "version": 2}');
CREATE TABLE questionnaire_column (
	questionnaire INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (questionnaire, position), 
	FOREIGN KEY(questionnaire) REFERENCES questionnaire (number)
);
INSERT INTO "questionnaire_column" VALUES(1,1,'P_requirements');
INSERT INTO "questionnaire_column" VALUES(1,2,'P_procedure');
INSERT INTO "questionnaire_column" VALUES(1,3,'P_time');
INSERT INTO "questionnaire_column" VALUES(1,4,'P_fee');
INSERT INTO "questionnaire_column" VALUES(1,5,'P_product');
INSERT INTO "questionnaire_column" VALUES(1,6,'P_competence');
INSERT INTO "questionnaire_column" VALUES(1,7,'P_behaviour');
INSERT INTO "questionnaire_column" VALUES(1,8,'P_complaints');
INSERT INTO "questionnaire_column" VALUES(1,9,'P_facilities');
INSERT INTO "questionnaire_column" VALUES(1,10,'E_requirements');
INSERT INTO "questionnaire_column" VALUES(1,11,'E_procedure');
INSERT INTO "questionnaire_column" VALUES(1,12,'E_time');
INSERT INTO "questionnaire_column" VALUES(1,13,'E_fee');
INSERT INTO "questionnaire_column" VALUES(1,14,'E_product');
INSERT INTO "questionnaire_column" VALUES(1,15,'E_competence');
INSERT INTO "questionnaire_column" VALUES(1,16,'E_behaviour');
INSERT INTO "questionnaire_column" VALUES(1,17,'E_complaints');
INSERT INTO "questionnaire_column" VALUES(1,18,'E_facilities');
CREATE TABLE quota (
	survey INTEGER NOT NULL, 
	service INTEGER NOT NULL, 
	wanted INTEGER NOT NULL, 
	PRIMARY KEY (survey, service), 
	FOREIGN KEY(survey) REFERENCES survey (number), 
	FOREIGN KEY(service) REFERENCES service (number)
);
CREATE TABLE response (
	number INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	survey INTEGER NOT NULL, 
	questionnaire INTEGER NOT NULL, 
	unit INTEGER, 
	service INTEGER, 
	station INTEGER, 
	epoch CHAR(32), 
	sequence INTEGER, 
	taken_sequence INTEGER, 
	channel SMALLINT NOT NULL, 
	language VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	answered_on INTEGER NOT NULL, 
	clock_offset INTEGER, 
	profile BLOB NOT NULL, 
	answers BLOB NOT NULL, 
	timings BLOB NOT NULL, 
	comment_digest BLOB, 
	digest BLOB NOT NULL, 
	flags SMALLINT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (agency, id), 
	UNIQUE (station, epoch, sequence), 
	FOREIGN KEY(agency) REFERENCES agency (number), 
	FOREIGN KEY(survey) REFERENCES survey (number), 
	FOREIGN KEY(questionnaire) REFERENCES questionnaire (number), 
	FOREIGN KEY(unit) REFERENCES unit (number), 
	FOREIGN KEY(service) REFERENCES service (number), 
	FOREIGN KEY(station) REFERENCES station (number)
);
INSERT INTO "response" VALUES(1,1,'00000000000040008000000000000001',1,1,1,1,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000002000000000000000004000000000000',X'000000001F00000000000000000000000000000000000000000000000000000000000000',NULL,X'EE0ADCBB9E591FBECB1613125CA063E417AE9261CA140652A50DEF8A9EA5A34D',0);
INSERT INTO "response" VALUES(2,1,'00000000000040008000000000000002',1,1,1,NULL,1,'000000000000400080000000000003e8',1,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000003000000000000000004000000000000',X'000000002000000000000000000000000000000000000000000000000000000000000000',NULL,X'D23727B0869FCF04FF39F9AFEBC68EB2D786539B3427DE3A5D00C81E8626679B',0);
INSERT INTO "response" VALUES(3,1,'00000000000040008000000000000003',1,1,1,1,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000004000000000000000004000000000000',X'000000002100000000000000000000000000000000000000000000000000000000000000',NULL,X'6B5826C7F12A06B3E53842B76881AE2FB1A312C3472F550104A40B447DCF3DAC',0);
INSERT INTO "response" VALUES(4,1,'00000000000040008000000000000004',1,1,1,NULL,1,'000000000000400080000000000003e8',2,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000001000000000000000004000000000000',X'000000002200000000000000000000000000000000000000000000000000000000000000',NULL,X'32C682AD35BA96A1E7F1175FBD6703CE6220B159DB8B11383E59CD4E6C3799FC',0);
INSERT INTO "response" VALUES(5,1,'00000000000040008000000000000005',1,1,1,1,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000002000000000000000004000000000000',X'000000002300000000000000000000000000000000000000000000000000000000000000',NULL,X'65EBA65F32862649956553C1A1E30591C002B175869DE1B9E66ECE558A6A6E04',0);
INSERT INTO "response" VALUES(6,1,'00000000000040008000000000000006',1,1,1,NULL,1,'000000000000400080000000000003e8',3,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000003000000000000000004000000000000',X'000000002400000000000000000000000000000000000000000000000000000000000000',NULL,X'7F8C0FD1B75B8B06B85D141BF6F2F92AFC5B8A873925C9587EFD4019F8410F56',0);
INSERT INTO "response" VALUES(7,1,'00000000000040008000000000000007',1,1,1,1,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000004000000000000000004000000000000',X'000000002500000000000000000000000000000000000000000000000000000000000000',NULL,X'2BD294C4E27C7D1B5AEFD7DD43BB87FE5CE8DA9FCD6516D2FFA7300BF3D6BB3B',0);
INSERT INTO "response" VALUES(8,1,'00000000000040008000000000000008',1,1,1,NULL,1,'000000000000400080000000000003e8',4,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000001000000000000000004000000000000',X'000000002600000000000000000000000000000000000000000000000000000000000000',NULL,X'BB5B0328BEA2081D4B66107CF21F8D9E98B87B2FEBE9827C1F46416B0A93D152',0);
INSERT INTO "response" VALUES(9,1,'00000000000040008000000000000009',1,1,1,1,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000002000000000000000004000000000000',X'000000002700000000000000000000000000000000000000000000000000000000000000',NULL,X'5D0BBAB8C772C1B51CE5711600A3514657DC6B7B8DC0318A9E2DE941BB00B09F',0);
INSERT INTO "response" VALUES(10,1,'0000000000004000800000000000000a',1,1,1,NULL,1,'000000000000400080000000000003e8',5,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000003000000000000000004000000000000',X'000000002800000000000000000000000000000000000000000000000000000000000000',NULL,X'AC9E7A19156B4E23DDE59A3FF68C5F898EE9C4FE7B1DE54D4BF229A781407CEE',0);
INSERT INTO "response" VALUES(11,1,'0000000000004000800000000000000b',1,1,2,4,NULL,NULL,NULL,NULL,2,'en','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000004000000000000000004000000000000',X'000000002900000000000000000000000000000000000000000000000000000000000000',X'D1FD37027AC3CEE2086A68DA1FA1263ED0EE82096C473C9153BB84C562F178B1',X'2C837972A2E9AB4DA81FAA4BE6D67EAB10E7E54F1B50B94C21CB0E552AFA7ED6',0);
INSERT INTO "response" VALUES(12,1,'0000000000004000800000000000000c',1,1,NULL,NULL,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000001000000000000000004000000000000',X'000000002A00000000000000000000000000000000000000000000000000000000000000',X'641F8EBB8C094D8F137A89716DA85D24B528AFC26D525CE1B3B91F9B29EFB3D6',X'40300DC412DE1A46745E9B65565B189650380C69A7F6290D35436B8F94F7CA12',0);
INSERT INTO "response" VALUES(13,1,'0000000000004000800000000000000d',1,1,2,NULL,2,'000000000000400080000000000003e9',1,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000002000000000000000004000000000000',X'000000002B00000000000000000000000000000000000000000000000000000000000000',NULL,X'C4C36C6C033ED794499A48956BF693AF5CCF7B0D032C45F8E4BC363839A50530',0);
INSERT INTO "response" VALUES(14,1,'0000000000004000800000000000000e',1,1,2,NULL,2,'000000000000400080000000000003e9',NULL,1,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'01000000',X'000003000000000000000004000000000000',X'000000002C00000000000000000000000000000000000000000000000000000000000000',NULL,X'4ABE23278052320F62854359DB393813442167358B550EA64626E9B57ED1DEED',16);
INSERT INTO "response" VALUES(15,1,'0000000000004000800000000000000f',1,1,2,NULL,2,'000000000000400080000000000003e9',4,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000004000000000000000004000000000000',X'000000002D00000000000000000000000000000000000000000000000000000000000000',NULL,X'C99A80AC555B6FAA418D72FB91C8D33909913F2CC59A9EE09170DE25823BFD86',0);
INSERT INTO "response" VALUES(16,1,'00000000000040008000000000000010',1,1,2,NULL,2,'000000000000400080000000000003ea',1,NULL,1,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-26 02:00:00.000000',20261124,0,X'01000000',X'000001000000000000000004000000000000',X'000000002E00000000000000000000000000000000000000000000000000000000000000',NULL,X'BFF71B84DEA63D24618E721A29FA1ECD3A5A8E5FE87B4786F39A2A6C0625B482',0);
INSERT INTO "response" VALUES(17,1,'00000000000040008000000000000013',2,1,NULL,NULL,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'02000000',X'000004000000000000000004000000000000',X'000000003100000000000000000000000000000000000000000000000000000000000000',NULL,X'6A1ED78EAEFFC633B00294D11F69A1E79933EA91E2A9511E8720450D2057306C',0);
INSERT INTO "response" VALUES(18,1,'00000000000040008000000000000014',1,1,NULL,NULL,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20251020,-34560000,X'01000000',X'000001000000000000000004000000000000',X'000000003200000000000000000000000000000000000000000000000000000000000000',NULL,X'87CD62BD21E48520635C9EBCB16DE907C7D7D6E1E7AE0B15EEE6DD8D977109DB',8);
INSERT INTO "response" VALUES(19,1,'000000000000400080000000000007d0',2,1,NULL,NULL,NULL,NULL,NULL,NULL,2,'id','2026-11-24 01:57:00.000000','2026-11-24 01:59:00.000000','2026-11-24 02:00:00.000000',20261124,0,X'00000000',X'000002000000000000000000000000000000',X'000000000000000000000000000000000000000000000000000000000000000000000000',NULL,X'87DC534681BA7E54364EE9A6B3C81E2B49E51EF17409F7AC6D8EB7A0FE45215A',1);
CREATE TABLE served (
	unit INTEGER NOT NULL, 
	day INTEGER NOT NULL, 
	served INTEGER NOT NULL, 
	offered INTEGER, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (unit, day), 
	FOREIGN KEY(unit) REFERENCES unit (number)
);
CREATE TABLE service (
	number INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	unit INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	label JSON NOT NULL, 
	position INTEGER NOT NULL, active_from INTEGER, active_to INTEGER, 
	PRIMARY KEY (number), 
	UNIQUE (agency, name), 
	FOREIGN KEY(agency) REFERENCES agency (number), 
	FOREIGN KEY(unit) REFERENCES unit (number)
);
INSERT INTO "service" VALUES(1,1,1,'nib','{"id": "Nomor Induk Berusaha (NIB)", "en": "Business identification number (NIB)"}',1,NULL,NULL);
INSERT INTO "service" VALUES(2,1,1,'izin-usaha','{"id": "Izin usaha", "en": "Business licence"}',2,NULL,NULL);
INSERT INTO "service" VALUES(3,1,1,'izin-praktik','{"id": "Izin praktik tenaga kesehatan", "en": "Licence for health workers"}',3,NULL,NULL);
INSERT INTO "service" VALUES(4,1,2,'pbg','{"id": "Persetujuan Bangunan Gedung (PBG)", "en": "Building approval (PBG)"}',4,NULL,NULL);
INSERT INTO "service" VALUES(5,1,2,'reklame','{"id": "Izin reklame", "en": "Advertising permit"}',5,NULL,NULL);
INSERT INTO "service" VALUES(6,1,3,'konsultasi','{"id": "Informasi dan konsultasi", "en": "Information and advice"}',6,NULL,NULL);
CREATE TABLE set_aside (
	number INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	reason VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	survey INTEGER, 
	received_at DATETIME NOT NULL, 
	device_time DATETIME, 
	body BLOB NOT NULL, 
	body_digest BLOB NOT NULL, station INTEGER REFERENCES station (number), epoch CHAR(32), sequence INTEGER, 
	PRIMARY KEY (number), 
	UNIQUE (id, body_digest), 
	FOREIGN KEY(survey) REFERENCES survey (number)
);
INSERT INTO "set_aside" VALUES(1,'0000000000004000800000000000000d','conflict','This id was received before with other content. Both are kept; the administrator decides.',1,'2026-11-24 02:00:00.000000','2026-11-24 02:00:00.000000',X'7B226964223A202230303030303030302D303030302D343030302D383030302D303030303030303030303064222C2022737572766579223A2022736B6D222C20227175657374696F6E6E61697265223A207B226E616D65223A2022736B6D2D323031372D736572767175616C222C202276657273696F6E223A20322C2022646967657374223A202237353437333037326163323862656634616335623231373739303639613962336136356535613038323066646463663838353334376462313636613336613935227D2C202273657276696365223A206E756C6C2C202273746174696F6E223A20226C6F6B65742D32222C202265706F6368223A202230303030303030302D303030302D343030302D383030302D303030303030303030336539222C202273657175656E6365223A20312C20226368616E6E656C223A20226B696F736B222C20226C616E6775616765223A20226964222C2022737461727465645F6174223A2022323032362D31312D32345430313A35373A30305A222C20227375626D69747465645F6174223A2022323032362D31312D32345430313A35393A30305A222C202270726F66696C65223A207B22736578223A20327D2C2022616E7377657273223A207B22505F74696D65223A20317D2C202274696D696E6773223A207B22505F74696D65223A2034337D2C2022636F6D6D656E74223A206E756C6C7D',X'62C5BBD7392C5DD89332A66B3280C7ED9AB42B58D54BE559C1E97A42A0D0F052',2,'000000000000400080000000000003e9',1);
INSERT INTO "set_aside" VALUES(2,'00000000000040008000000000000011','unknown_questionnaire','Version 1 of the questionnaire “skm-2030”, with this content, is not known here.',1,'2026-11-24 02:00:00.000000','2026-11-24 02:00:00.000000',X'7B226964223A202230303030303030302D303030302D343030302D383030302D303030303030303030303131222C2022737572766579223A2022736B6D222C20227175657374696F6E6E61697265223A207B226E616D65223A2022736B6D2D32303330222C202276657273696F6E223A20312C2022646967657374223A202230303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030227D2C202273657276696365223A206E756C6C2C202273746174696F6E223A20226C6F6B65742D31222C202265706F6368223A202230303030303030302D303030302D343030302D383030302D303030303030303030336538222C202273657175656E6365223A20362C20226368616E6E656C223A20226B696F736B222C20226C616E6775616765223A20226964222C2022737461727465645F6174223A2022323032362D31312D32345430313A35373A30305A222C20227375626D69747465645F6174223A2022323032362D31312D32345430313A35393A30305A222C202270726F66696C65223A207B22736578223A20327D2C2022616E7377657273223A207B22505F74696D65223A20322C2022455F74696D65223A20347D2C202274696D696E6773223A207B22505F74696D65223A2034377D2C2022636F6D6D656E74223A206E756C6C7D',X'40009EDAF37ACB58D7F9C45C07595A80EA17B07ABE6A844C19A631523C9890E1',1,'000000000000400080000000000003e8',6);
INSERT INTO "set_aside" VALUES(3,'00000000000040008000000000000012','unknown_station','There is no station “nowhere” here.',1,'2026-11-24 02:00:00.000000','2026-11-24 02:00:00.000000',X'7B226964223A202230303030303030302D303030302D343030302D383030302D303030303030303030303132222C2022737572766579223A2022736B6D222C20227175657374696F6E6E61697265223A207B226E616D65223A2022736B6D2D323031372D736572767175616C222C202276657273696F6E223A20322C2022646967657374223A202237353437333037326163323862656634616335623231373739303639613962336136356535613038323066646463663838353334376462313636613336613935227D2C202273657276696365223A206E756C6C2C202273746174696F6E223A20226E6F7768657265222C202265706F6368223A202230303030303030302D303030302D343030302D383030302D303030303030303030336538222C202273657175656E6365223A20312C20226368616E6E656C223A202270686F6E65222C20226C616E6775616765223A20226964222C2022737461727465645F6174223A2022323032362D31312D32345430313A35373A30305A222C20227375626D69747465645F6174223A2022323032362D31312D32345430313A35393A30305A222C202270726F66696C65223A207B22736578223A20317D2C2022616E7377657273223A207B22505F74696D65223A20332C2022455F74696D65223A20347D2C202274696D696E6773223A207B22505F74696D65223A2034387D2C2022636F6D6D656E74223A206E756C6C7D',X'F9F0FAA4141FBF102C2EF9E11E11DE6F751453BC7FC2F07FBFB3C771A19BAB26',NULL,NULL,NULL);
CREATE TABLE station (
	number INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	unit INTEGER, 
	name VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, pin VARCHAR, token INTEGER REFERENCES token (number), registered_at DATETIME, retired_at DATETIME, 
	PRIMARY KEY (number), 
	UNIQUE (agency, name), 
	FOREIGN KEY(agency) REFERENCES agency (number), 
	FOREIGN KEY(unit) REFERENCES unit (number)
);
INSERT INTO "station" VALUES(1,1,1,'loket-1','Loket 1','kiosk',NULL,NULL,NULL,NULL);
INSERT INTO "station" VALUES(2,1,2,'loket-2','Loket 2','kiosk',NULL,NULL,NULL,NULL);
INSERT INTO "station" VALUES(3,1,3,'tablet-1','Tablet 1','tablet',NULL,NULL,NULL,NULL);
CREATE TABLE station_epoch (
	station INTEGER NOT NULL, 
	epoch CHAR(32) NOT NULL, 
	announced INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, waiting INTEGER, aside INTEGER, form VARCHAR, told_at DATETIME, proven_at DATETIME, 
	PRIMARY KEY (station, epoch), 
	FOREIGN KEY(station) REFERENCES station (number)
);
INSERT INTO "station_epoch" VALUES(1,'000000000000400080000000000003e8',6,'2026-11-24 02:00:00.000000','2026-11-24 02:00:00.000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "station_epoch" VALUES(2,'000000000000400080000000000003e9',4,'2026-11-24 02:00:00.000000','2026-11-24 02:00:00.000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "station_epoch" VALUES(2,'000000000000400080000000000003ea',1,'2026-11-26 02:00:00.000000','2026-11-26 02:00:00.000000',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE survey (
	number INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	title JSON NOT NULL, 
	questionnaire INTEGER NOT NULL, 
	status VARCHAR NOT NULL, 
	test BOOLEAN NOT NULL, 
	weight_convention VARCHAR NOT NULL, 
	opens INTEGER, 
	closes INTEGER, 
	population INTEGER, 
	target INTEGER, 
	retention_months INTEGER NOT NULL, improved JSON, notice JSON, thanks JSON, hours JSON, tickets BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (agency, name), 
	FOREIGN KEY(agency) REFERENCES agency (number), 
	FOREIGN KEY(questionnaire) REFERENCES questionnaire (number)
);
INSERT INTO "survey" VALUES(1,1,'skm','{"id": "Survei Kepuasan Masyarakat", "en": "Community satisfaction survey"}',1,'open',0,'exact',NULL,NULL,NULL,NULL,12,NULL,NULL,NULL,NULL,0);
INSERT INTO "survey" VALUES(2,1,'contoh','{"id": "Contoh (jawaban buatan)", "en": "Example (made-up answers)"}',1,'closed',1,'exact',NULL,NULL,NULL,NULL,12,NULL,NULL,NULL,NULL,0);
CREATE TABLE survey_unit (
	survey INTEGER NOT NULL, 
	unit INTEGER NOT NULL, 
	PRIMARY KEY (survey, unit), 
	FOREIGN KEY(survey) REFERENCES survey (number), 
	FOREIGN KEY(unit) REFERENCES unit (number)
);
INSERT INTO "survey_unit" VALUES(1,1);
INSERT INTO "survey_unit" VALUES(1,2);
INSERT INTO "survey_unit" VALUES(1,3);
INSERT INTO "survey_unit" VALUES(2,1);
INSERT INTO "survey_unit" VALUES(2,2);
INSERT INTO "survey_unit" VALUES(2,3);
CREATE TABLE throttle (
	"key" BLOB NOT NULL, 
	failures INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	free_at DATETIME, 
	PRIMARY KEY ("key")
);
CREATE TABLE ticket (
	survey INTEGER NOT NULL, 
	code BLOB NOT NULL, 
	issued_at DATETIME NOT NULL, 
	used_on INTEGER, 
	PRIMARY KEY (survey, code), 
	FOREIGN KEY(survey) REFERENCES survey (number)
);
CREATE TABLE token (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	secret BLOB NOT NULL, 
	label VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	account INTEGER, 
	made_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(account) REFERENCES account (number)
);
CREATE TABLE tombstone (
	response INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	survey INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	station INTEGER, 
	epoch CHAR(32), 
	sequence INTEGER, 
	deleted_at DATETIME NOT NULL, 
	deleted_by VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (response), 
	UNIQUE (agency, id), 
	FOREIGN KEY(agency) REFERENCES agency (number), 
	FOREIGN KEY(survey) REFERENCES survey (number), 
	FOREIGN KEY(station) REFERENCES station (number)
);
CREATE TABLE unit (
	number INTEGER NOT NULL, 
	agency INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	label JSON NOT NULL, 
	position INTEGER NOT NULL, active_from INTEGER, active_to INTEGER, 
	PRIMARY KEY (number), 
	UNIQUE (agency, name), 
	FOREIGN KEY(agency) REFERENCES agency (number)
);
INSERT INTO "unit" VALUES(1,1,'perizinan','{"id": "Perizinan berusaha", "en": "Business licences"}',1,NULL,NULL);
INSERT INTO "unit" VALUES(2,1,'bangunan','{"id": "Bangunan dan tata ruang", "en": "Buildings and land use"}',2,NULL,NULL);
INSERT INTO "unit" VALUES(3,1,'informasi','{"id": "Informasi dan pengaduan", "en": "Information and complaints"}',3,NULL,NULL);
CREATE INDEX response_survey ON response (survey, number);
CREATE VIEW answer AS SELECT r.id AS response, c.name AS item, (instr('0123456789ABCDEF', substr(hex(substr(r.answers, c.position, 1)), 1, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(substr(r.answers, c.position, 1)), 2, 1)) - 1 AS code FROM response r JOIN questionnaire_column c ON c.questionnaire = r.questionnaire;
CREATE UNIQUE INDEX survey_name ON survey (name);
CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
COMMIT;
