@webhooks @pci-6.2.4 @cwe-347 @cwe-295 @cwe-918 @asvs-V4.1.5 @asvs-V9.1.1 @wstg-BUSL-02
Feature: Only PayPal's own certificate speaks for PayPal

  PayPal signs with a certificate, and every delivery says where it lies. Whoever believes that address believes an
  attacker, because anybody can sign anything with a certificate of one's own.

  Background:
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay

  @critical @defect-W09
  Scenario Outline: A certificate is fetched from PayPal's own address only (<forgery>)
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the event was not acknowledged
    And the order stays unpaid
    And nothing is fulfilled

    Examples: The attacker's own certificate
      | forgery                                                  |
      | a certificate at plain http                              |
      | a certificate at another host                            |
      | a certificate at a host that begins like the provider's  |
      | a certificate at a host that ends like the provider's    |
      | a certificate at a user name before another host         |
      | a certificate at an odd port                             |
      | a certificate at a path that climbs out of the folder    |
      | a certificate at another folder                          |
      | a certificate at a query                                 |
      | a certificate at a fragment                              |

    Examples: Even a true one
      | forgery                                                          |
      | a trusted certificate at plain http                              |
      | a trusted certificate at another host                            |
      | a trusted certificate at a user name before another host         |
      | a trusted certificate at an odd port                             |
      | a trusted certificate at a path that climbs out of the folder    |

  @critical @defect-W10
  Scenario Outline: What a certificate says of itself is not enough (<forgery>)
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the event was not acknowledged
    And the order stays unpaid
    And nothing is fulfilled

    Examples:
      | forgery                                |
      | a certificate of a foreign authority   |
      | an expired certificate                 |
      | a certificate that is not valid yet    |
      | a certificate of another name          |
      | a certificate for another purpose      |
      | a weaker signature algorithm           |
      | an unknown signature algorithm         |

  @critical @defect-W11
  Scenario Outline: A signature for somebody else opens nothing (<forgery>)
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the event was not acknowledged
    And the order stays unpaid
    And nothing is fulfilled

    Examples:
      | forgery                                |
      | a signature for another webhook        |
      | a signature of the provider's test tool |

  @critical @defect-W12 @cwe-636 @simulator-only
  Scenario Outline: What PayPal cannot be asked about is not let in unchecked (<trouble>)
    Given every request to check a delivery meets <trouble>
    When an attacker delivers a "payment succeeded" event with a signature made with another secret
    Then the event was not acknowledged
    And the order stays unpaid
    And nothing is fulfilled

    Examples:
      | trouble                    |
      | a dropped connection       |
      | too many requests          |
      | an error of the provider   |
      | a late answer              |
      | a page of a proxy          |

  @high @defect-W03
  Scenario: A body that was written anew is not the body that was signed
    When an attacker delivers a "payment succeeded" event with a body re-serialised after signing
    Then the event was not acknowledged
    And the order stays unpaid

  @critical @defect-W29
  Scenario: Another body with the same checksum changes nothing
    When an attacker delivers a "payment succeeded" event with another body with the same checksum
    Then the order stays unpaid
    And nothing is fulfilled
    And the books show no movement
